import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import { writeWhole } from '../../local/atomic-file.js';
import { isMounted } from '../machine/mount-table.js';
import { mustRun } from '../machine/run-command.js';
import type { HostNames } from '../names.js';
import type { HostRoot } from './root.js';

/**
 * A host's disk is a sparse ext4 image of 32 GB: its size is the host's own (so it can be full while this machine's is not), it
 * takes only what is written, and it is a real file system, which containerd's overlay snapshots need. The upper layer
 * of / and the whole of /var/lib lie on it.
 */
export async function ensureHostDisk(host: HostNames, built: HostRoot): Promise<void> {
  const image = join(host.dir, 'disk.img');
  for (const dir of [host.disk, host.root]) mkdirSync(dir, { recursive: true });
  // Below it nobody else comes, whatever the modes of a host's own files.
  chmodSync(host.dir, 0o700);
  if (!existsSync(image)) {
    await writeWhole(join(host.dir, 'lower'), built.root);
    await copyPrivately(built.diskImage, image);
  }
  if (!isMounted(host.disk)) {
    // No barriers: a lab disk need not survive a power cut of this machine, and databases sync a lot.
    await mustRun('mount', ['-o', 'loop,discard,nobarrier', image, host.disk]);
  }
  if (isMounted(host.root)) return;
  const layers = `lowerdir=${lowerOf(host)},upperdir=${host.disk}/up,workdir=${host.disk}/work`;
  await mustRun('mount', ['-t', 'overlay', host.machine, '-o', layers, host.root]);
}

/** Keys of clusters will be in it. */
export async function copyPrivately(from: string, to: string): Promise<void> {
  await mustRun('install', ['-m', '0600', '/dev/null', `${to}.new`]);
  await mustRun('cp', ['--sparse=always', '--no-preserve=mode', from, `${to}.new`]);
  renameSync(`${to}.new`, to);
}

/** A host keeps the root it was made on: another lower layer under its changes would be undefined. */
function lowerOf(host: HostNames): string {
  const lower = readFileSync(join(host.dir, 'lower'), 'utf8');
  if (existsSync(lower)) return lower;
  const gone = `the root below ${host.host} is missing: ${lower}`;
  throw new ProvisionError('LAB_ROOT_GONE', gone, 'rebuild the lab: lab down, then lab up');
}

const filler = (host: HostNames): string => join(host.disk, 'filler');

/**
 * Fills the host's own disk. The blocks are reserved (fallocate), not written, so that the image, and with it this machine's
 * disk, stays as small as it was; the file lies beside what the host can see.
 */
export async function fillHostDisk(host: HostNames, leaveMb: number): Promise<number> {
  freeHostDisk(host);
  const { bavail, bsize } = statfsSync(host.disk);
  const bytes = bavail * bsize - leaveMb * 1024 * 1024;
  // The file's own index takes a few blocks too.
  const length = Math.floor(bytes - bytes / 2048);
  if (length > 0) await mustRun('fallocate', ['--length', String(length), filler(host)]);
  await topUp(host, leaveMb);
  return Math.max(0, length);
}

async function topUp(host: HostNames, leaveMb: number): Promise<void> {
  for (;;) {
    const { bavail, bsize } = statfsSync(host.disk);
    const rest = bavail * bsize - leaveMb * 1024 * 1024;
    if (rest < 2 * bsize) return;
    const size = existsSync(filler(host)) ? Number((await mustRun('stat', ['-c', '%s', filler(host)])).trim()) : 0;
    const step = rest > 1024 * 1024 ? Math.floor(rest / 2) : rest - bsize;
    await mustRun('fallocate', ['--offset', String(size), '--length', String(step), filler(host)]);
  }
}

export const freeHostDisk = (host: HostNames): void => rmSync(filler(host), { force: true });
