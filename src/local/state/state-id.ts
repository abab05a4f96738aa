import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../contract/caught.js';
import { privateDirectory } from './state-directory.js';

const ID = /^[0-9a-f]{16}$/;

/** Tells state directories apart, wherever they are mounted. It is made once and moves with the directory. */
export function stateIdOf(stateDir: string): string {
  const file = join(privateDirectory(stateDir), 'id');
  try {
    writeFileSync(file, randomBytes(8).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const id = readFileSync(file, 'utf8').trim();
  if (!ID.test(id)) throw new Error(`${file} does not hold 16 hex digits: remove it`);
  return id;
}
