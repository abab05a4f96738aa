import { join, resolve } from 'node:path';
import { externalKubeconfig } from '../../../domain/k3s/kubeconfigs.js';
import { clustersOf, serverOf, type Host } from '../../../contract/topology/topology.js';
import { writeWhole } from '../../../local/atomic-file.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { interruptible, printData, say } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';

export interface KubeconfigOptions {
  cluster: string;
  out?: string;
}

const K3S_KUBECONFIG = '/etc/rancher/k3s/k3s.yaml';

/** The cluster's kubeconfig with the address at which this machine reaches it. */
export async function kubeconfig(
  context: Context,
  choice: Choice,
  { cluster, out }: KubeconfigOptions,
): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const found = clustersOf(topology).find(({ name }) => name === cluster);
  if (found === undefined) {
    const known = clustersOf(topology)
      .map(({ name }) => name)
      .join(', ');
    throw usage(`topology "${topology.name}" has no cluster "${cluster}"`, `its clusters are: ${known}`);
  }
  const server = serverOf(found);
  const text = externalKubeconfig(await readFrom(context, server), cluster, server.externalAddress);
  if (out === undefined) printData(context.io, text);
  else {
    const file = resolve(context.io.cwd, out);
    await writeWhole(file, text);
    say(context.io, `written: ${out}; use it with: kubectl --kubeconfig ${out} get nodes`);
  }
  return 0;
}

async function readFrom({ io, settings }: Context, server: Host): Promise<string> {
  const { SshHostShell } = await import('../../../adapters/ssh/ssh-host-shell.js');
  const { KnownHostsFile } = await import('../../../adapters/ssh/login/host-key.js');
  const knownHosts = new KnownHostsFile(join(settings.stateDir, 'known-hosts.json'));
  const shell = new SshHostShell({ knownHosts, agentSocket: settings.agentSocket, home: settings.home });
  try {
    return await interruptible(
      io,
      async (signal) => (await shell.run(server, `cat ${K3S_KUBECONFIG}`, { signal })).stdout,
    );
  } finally {
    await shell.close();
  }
}
