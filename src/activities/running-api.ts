import type { Host } from '../contract/topology.js';
import type { Work } from './activity.js';
import type { KubernetesCluster, Ports } from '../parts/ports.js';

const STATE = 'systemctl is-active k3s.service || true; [ -s /etc/rancher/k3s/k3s.yaml ] && echo kubeconfig; true';

/** The cluster's API, or undefined when there is no K3s that answers: then the host's removal does it all. */
export async function runningApi(
  { hosts, kubernetes }: Pick<Ports, 'hosts' | 'kubernetes'>,
  host: Host,
  { signal }: Work,
): Promise<KubernetesCluster | undefined> {
  const { stdout } = await hosts.run(host, STATE, { signal });
  if (!/^active\nkubeconfig/.test(stdout)) return undefined;
  const cluster = await kubernetes.cluster(host, { signal });
  const ready = await cluster.get('/readyz').catch(() => undefined); // a K3s that does not answer is removed as it is
  return ready?.status === 200 ? cluster : undefined;
}
