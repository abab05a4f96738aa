import { join } from 'node:path';
import { messageOf } from '../../../contract/caught.js';
import { clustersOf, serverOf } from '../../../contract/topology/topology.js';
import { k3sCertificatesScript, parseCertificates, type PrintedCertificate } from '../../../domain/k3s/certificates.js';
import { webhookCertificatesScript } from '../../../domain/linkerd/webhooks.js';
import type { Context } from '../../context.js';
import { interruptible } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';

export interface ClusterCertificates {
  host: string;
  /** Named `cluster-b/k3s/agent/client-kubelet.crt`. */
  certificates: PrintedCertificate[];
  failure?: string;
}

const K3S = '/var/lib/rancher/';

/** What each cluster of the topology has issued itself, as its host tells. @param only names of clusters; absent: all */
export async function readClusters(
  context: Context,
  choice: Choice,
  only?: ReadonlySet<string>,
): Promise<ClusterCertificates[]> {
  const { io, settings } = context;
  const { topology } = await chooseTopology(context, choice);
  const asked = clustersOf(topology).filter(({ name }) => only?.has(name) ?? true);
  const script = k3sCertificatesScript + (topology.link.mode === 'mesh' ? webhookCertificatesScript : '');
  const { SshHostShell } = await import('../../../adapters/ssh/ssh-host-shell.js');
  const { KnownHostsFile } = await import('../../../adapters/ssh/login/host-key.js');
  const knownHosts = new KnownHostsFile(join(settings.stateDir, 'known-hosts.json'), settings.home);
  const shell = new SshHostShell({ knownHosts, agentSocket: settings.agentSocket, home: settings.home });
  const ask = (cluster: (typeof topology)['broker'], signal: AbortSignal): Promise<ClusterCertificates> => {
    const server = serverOf(cluster);
    const named = ({ name, pem }: PrintedCertificate): PrintedCertificate => ({
      name: `${cluster.name}/${name.replace(K3S, '')}`,
      pem,
    });
    return shell.run(server, script, { signal }).then(
      ({ stdout }) => ({ host: server.name, certificates: parseCertificates(stdout).map(named) }),
      (error: unknown) => {
        signal.throwIfAborted();
        return { host: server.name, certificates: [], failure: messageOf(error) };
      },
    );
  };
  try {
    return await interruptible(io, (signal) => Promise.all(asked.map((cluster) => ask(cluster, signal))));
  } finally {
    await shell.close();
  }
}
