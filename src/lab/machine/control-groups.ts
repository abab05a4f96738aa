import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mount-table.js';

/** The group's directory in each hierarchy that has it (one on v2, a dozen on v1). */
export const groupDirs = (group: string): string[] =>
  readMounts()
    .filter((mount) => mount.type === 'cgroup' || mount.type === 'cgroup2')
    .map((mount) => join(mount.dir, group))
    .filter((dir) => existsSync(dir));

/** Depth first, since the kernel removes empty groups only. What is still busy stays, and is returned. */
export const removeGroups = (group: string): string[] => groupDirs(group).filter((dir) => !removeTree(dir));

function removeTree(dir: string): boolean {
  const children = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const child of children) removeTree(join(dir, child.name));
  try {
    rmdirSync(dir);
    return true;
  } catch {
    return false;
  }
}
