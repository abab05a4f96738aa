import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { stateIdOf } from './state-id.js';

/**
 * Who changes hosts with a state directory. A copy of it on another machine is another holder; a container that is made
 * again is the same one.
 */
export function holderOf(stateDir: string): { id: string; name: string } {
  const id = createHash('sha256')
    .update(`${stateIdOf(stateDir)} ${machine()}`)
    .digest('hex')
    .slice(0, 16);
  return { id, name: `${userName()}@${hostname()}` };
}

function machine(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
