import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabOptions } from '../../../src/lab/lab.js';

/**
 * Everything on this machine that could be this lab's, found without the lab's own code. Links that are plainly another
 * lab's are left out, since other labs may come and go beside this one.
 */
export function labFootprint({ name, stateDir, cacheDir }: LabOptions): Record<string, string[]> {
  const own = (text: string): boolean => text.includes(`leafspan-${name}`) || text.includes(stateDir);
  const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).matchAll(/^\d+: ([^:@]+)/gm);
  return {
    processes: commandLines().filter((line) => own(line) || line.includes(`${cacheDir}/root-`)),
    mounts: lines('/proc/self/mountinfo').filter(own),
    namespaces: list('/run/netns').filter(own),
    links: [...links].map((match) => match[1] ?? '').filter((link) => !/^leafspan-/.test(link) || own(link)),
    groups: list('/sys/fs/cgroup').flatMap((each) => [each, ...list(join('/sys/fs/cgroup', each))].filter(own)),
    loops: list('/sys/block').flatMap((each) => lines(join('/sys/block', each, 'loop/backing_file')).filter(own)),
    files: [
      stateDir,
      `${stateDir}.lock`,
      `${stateDir}.lock.holder`,
      ...list('/run/systemd/nspawn').flatMap(nspawnFiles).filter(own),
    ].filter((path) => existsSync(path)),
    building: list(cacheDir).filter((each) => /^root\b.*(building|lock|holder)$/.test(each)),
    forwarding: lines('/proc/sys/net/ipv4/ip_forward'),
  };
}

const nspawnFiles = (dir: string): string[] =>
  list(join('/run/systemd/nspawn', dir)).map((each) => join('/run/systemd/nspawn', dir, each));

/** Of all processes but this one; a process that has ended has none. */
const commandLines = (): string[] =>
  list('/proc')
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .flatMap((pid) => lines(join('/proc', pid, 'cmdline')))
    .map((line) => line.replaceAll('\0', ' '));

function list(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
