import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A small JSON file that tells later commands of a process. It appears whole or not at all. */
export function writeRecord(file: string, value: object): void {
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

/** What the caller makes of it, since it wrote it. */
export function readRecord(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export const removeRecord = (file: string): void => rmSync(file, { force: true });
