import { existsSync, readdirSync } from 'node:fs';
import { isRunning } from './host-power.js';
import type { HostNames, LabNames } from './lab-names.js';
import { feedInTopology } from './lab-topology.js';
import type { LabState } from './lab-types.js';
import { readsSshBanner } from './ssh-banner.js';

/** The hosts that have a folder, in order. */
export const knownHosts = (names: LabNames): HostNames[] =>
  existsSync(names.hostsDir)
    ? readdirSync(names.hostsDir)
        .filter((name) => /^vm-[a-z]$/.test(name))
        .sort()
        .map((name) => names.host(name))
    : [];

export async function readLabState(names: LabNames): Promise<LabState | undefined> {
  const hosts = knownHosts(names);
  if (hosts.length === 0) return undefined;
  const { bundle: bundleDir } = feedInTopology(names);
  return {
    name: names.name,
    topologyFile: names.topologyFile,
    ...(bundleDir !== undefined && { bundleDir }),
    hosts: await Promise.all(
      hosts.map(async (host) => ({
        name: host.host,
        cluster: host.cluster,
        address: host.address,
        running: isRunning(host),
        sshReady: await readsSshBanner(host.address),
      })),
    ),
  };
}
