import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ProvisionError } from '../contract/errors.js';
import { createWhole, readIfThere } from '../local/atomic-file.js';
import { privateDirectory } from '../local/state/state-directory.js';

/** Encrypts what a Temporal server keeps of a run. */
export interface HistoryKey {
  /** Stands beside what it encrypted. */
  id: string;
  secret: Buffer;
}

const KEY_BYTES = 32;
const LINE = /^([0-9a-f]{16}) ([A-Za-z0-9+/]{43}=)$/;

const HEADER = `# Keys of the histories that leafspan's runs leave on a Temporal server. Anyone with this file can read them.
# The last line encrypts; the lines above it still decrypt. To change the key, add a line:
#   echo "$(openssl rand -hex 8) $(openssl rand -base64 32)" >> history-keys
`;

export const historyKeysFile = (stateDir: string): string => join(stateDir, 'history-keys');

/** The keys of a state directory. */
export class HistoryKeys {
  readonly #file: string;
  #keys: readonly HistoryKey[];

  private constructor(file: string, keys: readonly HistoryKey[]) {
    this.#file = file;
    this.#keys = keys;
  }

  /** Makes the first key where there is none; two processes that start at once get the same one. @throws ProvisionError SECRET_MISSING */
  static async open(stateDir: string): Promise<HistoryKeys> {
    const file = historyKeysFile(stateDir);
    const known = await read(file);
    if (known !== undefined) return new HistoryKeys(file, known);
    privateDirectory(stateDir);
    await createWhole(
      file,
      `${HEADER}${lineOf({ id: randomBytes(8).toString('hex'), secret: randomBytes(KEY_BYTES) })}`,
    );
    return new HistoryKeys(file, (await read(file)) ?? []);
  }

  /** The one that encrypts. @throws ProvisionError SECRET_MISSING */
  get current(): HistoryKey {
    const last = this.#keys.at(-1);
    if (last === undefined) throw damaged(this.#file, 'it has no key');
    return last;
  }

  /** A key that was added since the file was read counts too. @throws ProvisionError HISTORY_KEY_MISSING */
  async byId(id: string): Promise<HistoryKey> {
    const known = this.#find(id);
    if (known !== undefined) return known;
    this.#keys = (await read(this.#file)) ?? [];
    const added = this.#find(id);
    if (added !== undefined) return added;
    throw new ProvisionError(
      'HISTORY_KEY_MISSING',
      `a run's history is encrypted with the key ${id}, which is not in ${this.#file}`,
      `add the line that begins with ${id}, from the file history-keys of the state directory that the run was started with, above the last line`,
    );
  }

  #find(id: string): HistoryKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }
}

const lineOf = ({ id, secret }: HistoryKey): string => `${id} ${secret.toString('base64')}\n`;

async function read(file: string): Promise<HistoryKey[] | undefined> {
  const text = (await readIfThere(file))?.toString('utf8');
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const keys = lines.map((line) => {
    const [, id = '', secret = ''] = LINE.exec(line.trim()) ?? [];
    if (id === '') throw damaged(file, 'a line is not 16 hex digits, a space and 32 bytes in base64');
    return { id, secret: Buffer.from(secret, 'base64') };
  });
  if (keys.length === 0) throw damaged(file, 'it has no key');
  return keys;
}

const damaged = (file: string, why: string): ProvisionError =>
  new ProvisionError(
    'SECRET_MISSING',
    `the keys of the histories in ${file} cannot be used: ${why}`,
    `restore ${file} from a backup; if there is none, move it away: earlier runs can then no longer be read, and open ones no longer continue`,
  );
