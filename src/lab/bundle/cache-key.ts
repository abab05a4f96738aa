import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const KEY_LENGTH = 16;

/** Short name of everything given, for directories; the order of an object's fields counts. */
export const keyOf = (...inputs: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, KEY_LENGTH);

/** Names and contents of the files below a directory, in a stable order; `without` are names of directories to leave out. */
export function filesBelow(directory: string, without: readonly string[] = []): { name: string; sha256: string }[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(directory, file) }))
    .filter(({ name }) => !without.some((left) => name === left || name.startsWith(`${left}/`)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ file, name }) => ({ name, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') }));
}
