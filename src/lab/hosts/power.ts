import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisionError } from '../../contract/errors.js';
import { killAll, leaderOf, processesOf, supervisorOf } from '../machine/process-table.js';
import { mustRun } from '../machine/run-command.js';
import type { HostNames, LabNames } from '../names.js';
import { awaitSshBanner } from '../network/ssh-banner.js';
import { SUPERVISE } from './root.js';

const BOOT_LIMIT_MS = 60_000;
const REBOOT_LIMIT_MS = 120_000;
const POLL_MS = 20;

export const isRunning = (host: HostNames): boolean => supervisorOf(host) !== undefined;

/** Starts the host's supervisor as a session of its own, which outlives us, unless one is at work. */
export async function powerOn(host: HostNames, names: LabNames): Promise<void> {
  if (isRunning(host)) return;
  await powerCut(host, names); // the rest of a host whose supervisor was killed
  const log = openSync(host.log, 'a');
  const args = [host.machine, host.host, host.dir, names.switchNetns, host.address, names.gateway, names.group];
  const child = spawn('/bin/sh', [SUPERVISE, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` },
  });
  child.unref();
  closeSync(log);
}

/** No shutdown, no sync of anything in the host: gone from one moment to the next. Its disk stays as it was. */
export const powerCut = (host: HostNames, names: LabNames): Promise<number> =>
  killAll(() => processesOf({ names, host }));

export async function reboot(host: HostNames, signal?: AbortSignal): Promise<void> {
  const before = leaderOf(host);
  if (before === undefined) {
    throw new ProvisionError(
      'LAB_HOST_DOWN',
      `${host.host} is not running`,
      `start it with: lab fault start ${host.host}`,
    );
  }
  // Not by ssh: this has to work when sshd or the network of the host does not.
  const inside = ['--mount', '--uts', '--ipc', '--net', '--pid'];
  await mustRun('nsenter', ['--target', String(before), ...inside, '--', 'systemctl', 'reboot'], { signal });
  const deadline = Date.now() + REBOOT_LIMIT_MS;
  while ([before, undefined].includes(leaderOf(host))) {
    if (Date.now() > deadline) throw timedOut(host, 'did not reboot', REBOOT_LIMIT_MS);
    await sleep(POLL_MS, undefined, { ...(signal && { signal }) });
  }
  await awaitSsh(host, signal);
}

export async function awaitSsh(host: HostNames, signal?: AbortSignal): Promise<void> {
  if (await awaitSshBanner(host.address, BOOT_LIMIT_MS, signal)) return;
  throw timedOut(host, `gave no SSH banner on ${host.address}:22`, BOOT_LIMIT_MS);
}

function timedOut(host: HostNames, what: string, limitMs: number): ProvisionError {
  const log = existsSync(host.log) ? readFileSync(host.log, 'utf8').trim().split('\n').slice(-10).join('\n') : '';
  const message = `${host.host} ${what} within ${limitMs / 1000} s`;
  return new ProvisionError('LAB_HOST_TIMEOUT', message, `read ${host.log}, then run: lab down, lab up`, {}, log);
}
