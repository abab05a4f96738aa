import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { codeOf } from '../contract/caught.js';

interface Seen {
  exited: boolean;
  startedAt: string;
  commandLine: string;
}

/** Whether the process lives and its command line holds the marker: sooner or later another process gets the same pid. */
export function isAlive(pid: number, marker = ''): boolean {
  if (!isInUse(pid)) return false;
  const seen = look(pid);
  if (seen === undefined) return marker === '' && isInUse(pid);
  return !seen.exited && seen.commandLine.includes(marker);
}

/** When the process started, in the system's own format. With the pid it identifies a process for good. */
export const startOf = (pid: number): string | undefined => look(pid)?.startedAt;

function isInUse(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** A zombie has exited: it waits for its parent to read the exit code. */
function look(pid: number): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2, the program's name in parentheses, may itself hold blanks and parentheses.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return { exited: /^[ZX]/.test(state), startedAt: fields[18] ?? '', commandLine };
  } catch {
    return existsSync('/proc/self') ? undefined : lookWithPs(pid);
  }
}

/** macOS has no /proc. */
function lookWithPs(pid: number): Seen | undefined {
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  const ps = spawnSync('/bin/ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)], {
    encoding: 'utf8',
    env,
  });
  if (ps.status !== 0) return undefined;
  const [, state, startedAt, commandLine = ''] = /^(\S+)\s+(\S+ +\S+ +\d+ [\d:]+ \d{4}) ?(.*)$/m.exec(ps.stdout) ?? [];
  if (state === undefined || startedAt === undefined) return undefined;
  return { exited: state.startsWith('Z'), startedAt, commandLine };
}
