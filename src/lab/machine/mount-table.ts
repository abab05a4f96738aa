import { readFileSync } from 'node:fs';

export interface Mount {
  dir: string;
  type: string;
  source: string;
}

/** In the order of mounting. */
export function readMounts(mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): Mount[] {
  return mountinfo
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const fields = line.split(' ');
      const [type = '', source = ''] = fields.slice(fields.indexOf('-') + 1);
      return { dir: unescape(fields[4] ?? ''), type, source: unescape(source) };
    });
}

export const isMounted = (dir: string): boolean => readMounts().some((mount) => mount.dir === dir);

/** Innermost and latest first: the order to unmount in. */
export function mountsBelow(dir: string, mounts = readMounts()): string[] {
  return mounts
    .map((mount) => mount.dir)
    .filter((each) => each === dir || each.startsWith(`${dir}/`))
    .reverse();
}

/** The kernel writes blanks and the like as octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
