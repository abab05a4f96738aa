import { join } from 'node:path';
import { z } from 'zod';
import type { ArchivedProgram } from '../../domain/artifacts/tools.js';
import { writeWhole } from '../../local/atomic-file.js';
import { readJsonFile } from '../../local/json.js';
import { sha256Of } from './download.js';

/** Beside the manifest: which archive a program came from, and its own checksum at that time. */
const RECORD = '.unpacked.json';
const READABLE = 0o644;

const record = z.record(z.string(), z.object({ archive: z.string(), program: z.string() }));
type Unpacked = z.infer<typeof record>;

/** Losing the file costs time only: programs are unpacked again. */
function read(directory: string): Unpacked {
  try {
    return readJsonFile(join(directory, RECORD), record);
  } catch {
    return {};
  }
}

export async function isUnpacked(
  directory: string,
  file: string,
  { sha256 }: ArchivedProgram,
  signal: AbortSignal,
): Promise<boolean> {
  const noted = read(directory)[file];
  return noted?.archive === sha256 && noted.program === (await sha256Of(join(directory, file), signal));
}

export async function noteUnpacked(
  directory: string,
  file: string,
  { sha256 }: ArchivedProgram,
  signal: AbortSignal,
): Promise<void> {
  const noted = {
    ...read(directory),
    [file]: { archive: sha256, program: await sha256Of(join(directory, file), signal) },
  };
  await writeWhole(join(directory, RECORD), `${JSON.stringify(noted, undefined, 2)}\n`, READABLE);
}

/** Whether a program in the directory came from an archive; another one is its owner's. */
export const cameFromArchive = (directory: string, file: string): boolean => read(directory)[file] !== undefined;
