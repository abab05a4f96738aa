import { knownHosts } from './hosts/known.js';
import { isRunning } from './hosts/power.js';
import type { LabNames } from './names.js';
import { readsSshBanner } from './network/ssh-banner.js';
import { feedInTopology } from './topology.js';
import type { LabState } from './types.js';

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
