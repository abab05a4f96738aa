import { serverOf } from '../../../contract/topology/topology.js';
import { K3S_KUBECONFIG } from '../../../domain/hosts/paths.js';
import { clusterNamed, withHosts } from '../../access/clusters.js';
import { API_PORT, outside } from '../../access/kubeconfigs.js';
import { isOpen, reach } from '../../access/reach.js';
import { onPath, runWrapped } from '../../access/wrapped.js';
import type { Context } from '../../context.js';
import { interruptible } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';

/** The credentials are those of the cluster's administrator, read from its host each time. */
export async function kubectl(
  context: Context,
  choice: Choice,
  { cluster, args }: { cluster: string; args: readonly string[] },
): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const server = serverOf(clusterNamed(topology, cluster));
  const program = onPath(
    context,
    'kubectl',
    `install kubectl, or run it on the host: ssh ${server.ssh.address} kubectl`,
  );
  return withHosts(context, async (hosts) => {
    const { stdout } = await interruptible(context.io, (signal) =>
      hosts.run(server, `cat ${K3S_KUBECONFIG}`, { signal }),
    );
    const ways = {
      direct: { address: server.externalAddress, port: API_PORT },
      isOpen,
      fromHost: () => Promise.resolve({ address: '127.0.0.1', port: API_PORT }),
    };
    return reach(hosts, server, ways, ({ address, port }) =>
      runWrapped(context, {
        program,
        args: () => args,
        env: (fileOf) => ({ ...context.io.env, KUBECONFIG: fileOf('kubeconfig') }),
        secrets: { kubeconfig: outside(server, stdout, `${address}:${port}`) },
      }),
    );
  });
}
