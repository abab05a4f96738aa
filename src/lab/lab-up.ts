import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { withLock } from './file-lock.js';
import { ensureHostDisk } from './host-disk.js';
import { ensureHostIdentity, ensureLabKey } from './host-identity.js';
import { awaitSsh, powerOn } from './host-power.js';
import { ensureHostRoot, type HostRoot } from './host-root.js';
import { LabError } from './lab-error.js';
import { hostNameAt, MAX_HOSTS, namesOf, type HostNames, type LabNames } from './lab-names.js';
import { linkerdIn, linkLine } from './lab-link.js';
import { ensureSwitch } from './lab-network.js';
import { knownHosts, readLabState } from './lab-status.js';
import { feedInTopology, writeLabTopology, type Feed } from './lab-topology.js';
import type { LabBundle, LabReport, LabState, LabUpOptions } from './lab-types.js';
import { rememberMachineSettings } from './machine-settings.js';
import { ensurePrerequisites, thisMachine } from './prerequisites.js';

/** Hosts and bundle side by side; whichever fails stops the other. */
export async function bringUp(options: LabUpOptions): Promise<LabState> {
  const names = namesOf(options);
  if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > MAX_HOSTS) {
    const message = `${options.hosts} hosts are asked for; a lab has 1 to ${MAX_HOSTS}`;
    throw new LabError('LAB_TOO_MANY_HOSTS', message, 'use: lab up --hosts 2');
  }
  await ensurePrerequisites(thisMachine(), options);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const parts = [
    makeHosts(names, options, signal),
    options.bundle === 'own' ? makeBundle(options, signal) : Promise.resolve(feedOf(options.bundle)),
  ] as const;
  try {
    const [, feed] = await Promise.all(parts);
    await locked(names, options.report, signal, () => {
      writeLabTopology(names, knownHosts(names), feed ?? feedInTopology(names));
    });
    if (feed !== undefined) options.report({ step: 'link', state: 'note', detail: linkLine(feed.linkerd) });
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(parts);
    throw error;
  }
  const state = await readLabState(names);
  if (state === undefined) throw new LabError('LAB_NOT_UP', 'the lab was taken down meanwhile', 'type: lab up');
  return state;
}

const makeHosts = (names: LabNames, { hosts, bundle, report }: LabUpOptions, signal: AbortSignal): Promise<void> =>
  locked(names, report, signal, async () => {
    const started = Date.now();
    const root = await ensureHostRoot({ cacheDir: names.cacheDir, report, signal });
    mkdirSync(names.hostsDir, { recursive: true });
    rememberMachineSettings();
    await Promise.all([ensureSwitch(names), ensureLabKey(names)]);
    report({ step: 'network', state: 'done', detail: `${names.subnet}.0/24`, elapsedMs: Date.now() - started });
    const wanted = Array.from({ length: hosts }, (_, index) => hostNameAt(index));
    const all = [...new Set([...wanted, ...knownHosts(names).map((host) => host.host)])];
    await Promise.all(all.map((host) => startHost(names.host(host), names, { root, report, signal })));
    // At once, not when the bundle is there: people can use the hosts from now on.
    writeLabTopology(names, knownHosts(names), feedOf(bundle) ?? feedInTopology(names));
  });

export async function startHost(
  host: HostNames,
  names: LabNames,
  { root, report, signal }: { root: HostRoot; report: LabReport; signal?: AbortSignal | undefined },
): Promise<void> {
  const started = Date.now();
  report({ step: host.host, state: 'running', detail: host.address });
  await ensureHostDisk(host, root);
  await ensureHostIdentity(host, names);
  await powerOn(host, names);
  await awaitSsh(host, signal);
  const detail = `answers on ssh at ${host.address}`;
  report({ step: host.host, state: 'done', detail, elapsedMs: Date.now() - started });
}

/** One command at a time changes a lab. */
export async function locked<T>(
  names: LabNames,
  report: LabReport,
  signal: AbortSignal | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  mkdirSync(dirname(names.lockFile), { recursive: true });
  const onWait = (pid: number): void =>
    report({ step: 'lock', state: 'note', detail: `process ${pid} is changing the lab "${names.name}"; waiting` });
  return withLock(names.lockFile, { signal, onWait }, async () => work());
}

/** Of a bundle that is given; what the lab makes for itself is known when it is made. */
const feedOf = (bundle: LabBundle): Feed | undefined =>
  typeof bundle === 'string' ? undefined : { bundle: bundle.folder, linkerd: linkerdIn(bundle.manifest) };

/** Loaded when it is wanted: the hosts need none of it. */
async function makeBundle({ cacheDir, report }: LabUpOptions, signal: AbortSignal): Promise<Feed> {
  const { ensureBundle } = await import('./bundle/bundle.js');
  return { bundle: (await ensureBundle({ cacheDir, report, signal })).dir };
}
