import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file that its owner alone can read, also when one with other rights was there before. */
export const writePrivate = (file: string, content: string | Buffer): void => write(file, content, 0o600);

export const writePublic = (file: string, content: string | Buffer): void => write(file, content, 0o644);

function write(file: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.part`, content, { mode });
  renameSync(`${file}.part`, file);
}
