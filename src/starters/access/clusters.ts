import { join } from 'node:path';
import type { SshHostShell } from '../../adapters/ssh/ssh-host-shell.js';
import { clustersOf, type Cluster, type Topology } from '../../contract/topology/topology.js';
import type { Context } from '../context.js';
import { usage } from '../failure.js';

/** @throws ProvisionError USAGE */
export function clusterNamed(topology: Topology, name: string): Cluster {
  const all = clustersOf(topology);
  const found = all.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  throw usage(
    `topology "${topology.name}" has no cluster "${name}"`,
    `its clusters are: ${all.map((cluster) => cluster.name).join(', ')}`,
  );
}

/** Hosts over SSH, as a worker reaches them, for as long as they are used. */
export async function withHosts<T>({ settings }: Context, use: (hosts: SshHostShell) => Promise<T>): Promise<T> {
  const { SshHostShell } = await import('../../adapters/ssh/ssh-host-shell.js');
  const { KnownHostsFile } = await import('../../adapters/ssh/login/host-key.js');
  const knownHosts = new KnownHostsFile(join(settings.stateDir, 'known-hosts.json'), settings.home);
  const hosts = new SshHostShell({ knownHosts, agentSocket: settings.agentSocket, home: settings.home });
  try {
    return await use(hosts);
  } finally {
    await hosts.close();
  }
}
