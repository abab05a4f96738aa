import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ProvisionError } from '../contract/errors.js';
import { withLock } from '../local/lock.js';
import { ensureLabKey } from './hosts/identity.js';
import { knownHosts } from './hosts/known.js';
import { ensureHostRoot } from './hosts/root.js';
import { startHost } from './hosts/start.js';
import { linkerdIn, linkLine } from './link.js';
import { ensurePrerequisites, thisMachine } from './machine/prerequisites.js';
import { rememberMachineSettings } from './machine/settings.js';
import { hostNameAt, MAX_HOSTS, namesOf, type LabNames } from './names.js';
import { ensureSwitch } from './network/switch.js';
import { readLabState } from './status.js';
import { feedInTopology, writeLabTopology, type Feed } from './topology.js';
import type { LabBundle, LabReport, LabState, LabUpOptions } from './types.js';

/** Hosts and bundle side by side; whichever fails stops the other. */
export async function bringUp(options: LabUpOptions): Promise<LabState> {
  const names = namesOf(options);
  if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > MAX_HOSTS) {
    const message = `${options.hosts} hosts are asked for; a lab has 1 to ${MAX_HOSTS}`;
    throw new ProvisionError('LAB_TOO_MANY_HOSTS', message, 'run: lab up --hosts 2');
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
    await locked(names, options.report, signal, () =>
      writeLabTopology(names, knownHosts(names), feed ?? feedInTopology(names)),
    );
    if (feed !== undefined) options.report({ step: 'link', state: 'note', detail: linkLine(feed.linkerd) });
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(parts);
    throw error;
  }
  const state = await readLabState(names);
  if (state === undefined)
    throw new ProvisionError('LAB_NOT_UP', 'another process took the lab down during lab up', 'run: lab up');
  return state;
}

const makeHosts = (names: LabNames, { hosts, bundle, report }: LabUpOptions, signal: AbortSignal): Promise<void> =>
  locked(names, report, signal, async (held) => {
    const started = Date.now();
    const root = await ensureHostRoot({ cacheDir: names.cacheDir, report, signal: held });
    mkdirSync(names.hostsDir, { recursive: true });
    await rememberMachineSettings();
    await Promise.all([ensureSwitch(names), ensureLabKey(names)]);
    report({ step: 'network', state: 'done', detail: `${names.subnet}.0/24`, elapsedMs: Date.now() - started });
    const wanted = Array.from({ length: hosts }, (_, index) => hostNameAt(index));
    const all = [...new Set([...wanted, ...knownHosts(names).map((host) => host.host)])];
    await Promise.all(all.map((host) => startHost(names.host(host), names, { root, report, signal: held })));
    // At once, not when the bundle is there: people can use the hosts from now on.
    await writeLabTopology(names, knownHosts(names), feedOf(bundle) ?? feedInTopology(names));
  });

/** One command at a time changes a lab. */
export async function locked<T>(
  names: LabNames,
  report: LabReport,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  mkdirSync(dirname(names.lockFile), { recursive: true });
  const onWait = (holder: string): void =>
    report({ step: 'lock', state: 'note', detail: `${holder} is changing the lab "${names.name}"; waiting` });
  return withLock(names.lockFile, { signal, onWait }, async (held) => work(held));
}

/** Of a bundle that is given; what the lab makes for itself is known when it is made. */
const feedOf = (bundle: LabBundle): Feed | undefined =>
  typeof bundle === 'string' ? undefined : { bundle: bundle.directory, linkerd: linkerdIn(bundle.manifest) };

/** Loaded when it is wanted: the hosts need none of it. */
async function makeBundle({ cacheDir, report }: LabUpOptions, signal: AbortSignal): Promise<Feed> {
  const { ensureBundle } = await import('./bundle/bundle.js');
  return { bundle: (await ensureBundle({ cacheDir, report, signal })).dir };
}
