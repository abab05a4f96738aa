import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { codeOf, messageOf } from '../../contract/caught.js';
import { isProvisionError, ProvisionError } from '../../contract/errors.js';
import { MAX_PROGRAM_MB, type ArchivedProgram } from '../../domain/artifacts/tools.js';
import { isDiskError } from './web.js';
import { readMember } from './zip.js';

/** Megabytes: of the member, and with everything in front of it. A small archive may unpack without end. */
const LIMITS = { program: MAX_PROGRAM_MB, unpacked: 1024 };
type Limits = typeof LIMITS;

/**
 * Writes the one member of an archive that is named to a file. Nothing else of the archive is written, wherever its names
 * lead. @throws ProvisionError ARTIFACT_CORRUPT
 */
export async function extractMember(
  archive: string,
  program: ArchivedProgram,
  file: string,
  signal: AbortSignal,
  limits: Limits = LIMITS,
): Promise<void> {
  const take = (content: Readable): Promise<void> =>
    pipeline(content, bounded(limits.program, 'the program'), createWriteStream(file), { signal });
  try {
    const found =
      program.format === 'zip'
        ? await readMember(archive, program.member, take)
        : await fromTar(archive, program.member, { take, limits, signal });
    if (!found) throw corrupt(program, `has no file ${program.member}`);
  } catch (error) {
    signal.throwIfAborted();
    if (isProvisionError(error) || isDiskError(error)) throw error;
    throw corrupt(program, `cannot be unpacked: ${codeOf(error) ?? messageOf(error)}`);
  }
}

const corrupt = ({ url }: ArchivedProgram, what: string): ProvisionError =>
  new ProvisionError('ARTIFACT_CORRUPT', `${url} ${what}`, 'check the mirror');

interface Taking {
  take: (content: Readable) => Promise<void>;
  limits: Limits;
  signal: AbortSignal;
}

async function fromTar(archive: string, member: string, { take, limits, signal }: Taking): Promise<boolean> {
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), bounded(limits.unpacked, 'it'), entries, {
    signal,
  });
  reading.catch(() => undefined); // below, or of no interest to one who has left the loop
  let done: Promise<void> | undefined;
  try {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      if (name === member) {
        done = type === 'file' ? take(Readable.from(entry)) : notAFile(member, type);
        await Promise.allSettled([done]);
        break;
      }
      entry.resume();
    }
  } catch (error) {
    await reading; // has the cause: the loop knows only that the archive was closed
    throw error;
  }
  await done;
  return done !== undefined;
}

const notAFile = (member: string, type: string | null | undefined): Promise<never> =>
  Promise.reject(new Error(`${member} is not a file, but of type ${type ?? 'unknown'}`));

/** Lets so much through, and fails at the next byte. */
const bounded = (megabytes: number, what: string) =>
  async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let left = megabytes * 1024 * 1024;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) throw new Error(`${what} is larger than ${megabytes} MB`);
      yield chunk;
    }
  };
