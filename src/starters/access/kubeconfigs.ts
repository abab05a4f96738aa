import { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../contract/topology/topology.js';
import { externalKubeconfig } from '../../domain/k3s/kubeconfigs.js';

export const API_PORT = 6443;

/** The kubeconfig of a host for programs of this machine. @throws ProvisionError KUBE_API_FAILED */
export function outside({ name, cluster }: Host, text: string, at: string): string {
  const made = externalKubeconfig(text, cluster, at);
  if (made !== undefined) return made;
  throw new ProvisionError(
    'KUBE_API_FAILED',
    'the admin kubeconfig of the host has no CA, client certificate and key in it',
    'on the host: sudo systemctl restart k3s, which writes it again',
    { host: name, cluster },
  );
}
