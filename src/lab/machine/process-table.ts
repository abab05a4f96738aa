import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../contract/caught.js';
import { isAlive } from '../../local/processes.js';
import type { HostNames, LabNames } from '../names.js';
import { groupDirs } from './control-groups.js';

const KILL_POLL_MS = 10;
const KILL_LIMIT_MS = 20_000;

/** The supervisors, nspawn and everything inside: by command line, control group and network namespace, never by record. */
export function processesOf(scope: { names: LabNames; host?: HostNames }): number[] {
  const { names, host } = scope;
  const machines = (arg: string): boolean => {
    const name = arg.replace(/^--machine=/, '');
    return host ? name === host.machine : name.startsWith(names.netnsPrefix) && /-vm-[a-z]$/.test(name);
  };
  const spaces = new Set(netnsInodes(names, host));
  const grouped = groupDirs(host ? join(names.group, host.host) : names.group).flatMap(processesBelow);
  const found = allPids().filter((pid) => commandLine(pid).some(machines) || spaces.has(netnsOf(pid) ?? ''));
  return [...new Set([...found, ...grouped])].filter((pid) => pid !== process.pid);
}

/** PID 1 inside the host, as this machine numbers it. */
export function leaderOf(host: HostNames): number | undefined {
  const space = inodeOf(host.machine);
  if (space === undefined) return undefined;
  return allPids().find((pid) => {
    if (netnsOf(pid) !== space) return false;
    const ids = /^NSpid:\s+(.*)$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1]?.split(/\s+/) ?? [];
    return ids.length === 2 && ids[1] === '1';
  });
}

export const supervisorOf = (host: HostNames): number | undefined =>
  allPids().find((pid) => {
    const args = commandLine(pid);
    return args.includes(host.machine) && args.some((arg) => arg.endsWith('supervise.sh')) && isAlive(pid);
  });

/** SIGKILL, supervisors first so that nothing is started again, until none is left. */
export async function killAll(find: () => number[]): Promise<number> {
  const killed = new Set<number>();
  const deadline = Date.now() + KILL_LIMIT_MS;
  for (;;) {
    const alive = find().filter((pid) => isAlive(pid));
    if (alive.length === 0 || Date.now() > deadline) return killed.size;
    const supervisors = alive.filter((pid) => commandLine(pid).some((arg) => arg.endsWith('supervise.sh')));
    for (const pid of [...supervisors, ...alive]) {
      killed.add(pid);
      tryKill(pid);
    }
    await sleep(KILL_POLL_MS);
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);

const commandLine = (pid: number): string[] => (readText(`/proc/${pid}/cmdline`) ?? '').split('\0');

function netnsInodes(names: LabNames, host?: HostNames): string[] {
  const spaces = host ? [host.machine] : readdirSafe('/run/netns').filter((each) => each.startsWith(names.netnsPrefix));
  return spaces.map(inodeOf).filter((inode) => inode !== undefined);
}

function inodeOf(space: string): string | undefined {
  try {
    return `net:[${statSync(join('/run/netns', space)).ino}]`;
  } catch {
    return undefined;
  }
}

function netnsOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function processesBelow(dir: string): number[] {
  const own = (readText(join(dir, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number);
  return [...own, ...subdirectories(dir).flatMap((each) => processesBelow(join(dir, each)))];
}

function subdirectories(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function readdirSafe(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
