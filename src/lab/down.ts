import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisionError } from '../contract/errors.js';
import { removeAbandonedRoots } from './hosts/root.js';
import { groupDirs, removeGroups } from './machine/control-groups.js';
import { mountsBelow } from './machine/mount-table.js';
import { killAll, processesOf } from './machine/process-table.js';
import { run } from './machine/run-command.js';
import { restoreMachineSettings } from './machine/settings.js';
import type { LabNames } from './names.js';
import { removeNetwork } from './network/switch.js';
import type { LabReport } from './types.js';

const SETTLE_MS = 20;
const SETTLE_TRIES = 100;
/** nspawn's own leftovers, named after the machine. */
const NSPAWN_DIRS = ['/run/systemd/nspawn/locks', '/run/systemd/nspawn/propagate', '/run/systemd/nspawn/unix-export'];

/** From the outside in: what holds things goes before what is held. Everything is found by the lab's name and directory. */
export async function takeDown(names: LabNames, report: LabReport): Promise<void> {
  const step = async (name: string, work: () => Promise<string | undefined>): Promise<void> => {
    const started = Date.now();
    const detail = await work();
    report({ step: name, state: 'done', ...(detail !== undefined && { detail }), elapsedMs: Date.now() - started });
  };
  await step('processes', async () => `${await killAll(() => processesOf({ names }))} stopped`);
  await step('mounts', async () => `${await unmountAll(names.stateDir)} unmounted`);
  await step('network', async () => {
    await removeNetwork(names);
    return undefined;
  });
  await step('control groups', async () => {
    // The kernel lets go of a killed process a moment after it is gone from the table.
    for (let tries = 0; removeGroups(names.group).length > 0 && tries < SETTLE_TRIES; tries++) await sleep(SETTLE_MS);
    return undefined;
  });
  await step('files', () => removeFiles(names));
  refuseLeftovers(names);
}

async function unmountAll(dir: string): Promise<number> {
  const mounts = mountsBelow(dir);
  for (const each of mounts) {
    const ran = await run('umount', [each]);
    // A shell stands in it: take it out of the tree all the same.
    if (ran.code !== 0) await run('umount', ['--lazy', each]);
  }
  return mounts.length;
}

async function removeFiles(names: LabNames): Promise<string> {
  await removeAbandonedRoots(names.cacheDir);
  for (const dir of NSPAWN_DIRS.filter((each) => existsSync(each))) {
    const ours = readdirSync(dir).filter((name) => name.includes(names.netnsPrefix));
    for (const name of ours) rmSync(join(dir, name), { recursive: true, force: true });
  }
  const restored = restoreMachineSettings();
  // Never through a mount: what is still mounted may be the user's data.
  if (mountsBelow(names.stateDir).length === 0) removeStateDir(names);
  return [names.stateDir, ...restored.map((setting) => `restored ${setting}`)].join(', ');
}

/** The directory may be one that the user has chosen and keeps other things in. */
function removeStateDir(names: LabNames): void {
  if (!existsSync(names.stateDir)) return;
  const ours = /^(hosts|topology\.yaml|known_hosts|id_ed25519)(\.|$)/;
  for (const name of readdirSync(names.stateDir).filter((each) => ours.test(each))) {
    rmSync(join(names.stateDir, name), { recursive: true, force: true });
  }
  if (readdirSync(names.stateDir).length === 0) rmdirSync(names.stateDir);
}

function refuseLeftovers(names: LabNames): void {
  const left = [
    ...processesOf({ names }).map((pid) => `process ${pid}`),
    ...mountsBelow(names.stateDir).map((dir) => `mount ${dir}`),
    ...groupDirs(names.group).map((dir) => `control group ${dir}`),
  ];
  if (left.length === 0) return;
  throw new ProvisionError(
    'LAB_NOT_CLEAN',
    `left behind after lab down: ${left.join(', ')}`,
    'stop what uses it, then run: lab down',
  );
}
