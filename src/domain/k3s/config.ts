import type { Host, K3sSettings } from '../../contract/topology/topology.js';

/** The first line of a configuration that leafspan wrote. */
export const WRITTEN_BY_US = '# written by leafspan; changes are lost at its next run';

/**
 * K3s's config.yaml of a server. Everything is in the file and nothing in K3S_* variables, since the install script
 * forgets those at its next run. advertise-address keeps the API server's address internal: by default K3s would
 * advertise node-external-ip, which pods cannot reach behind a NAT without hairpin.
 */
export function renderK3sConfig(host: Host, settings: K3sSettings): string {
  const lines = [
    WRITTEN_BY_US,
    `node-name: ${host.name}`,
    `node-ip: ${host.internalAddress}`,
    `advertise-address: ${host.internalAddress}`,
    ...(host.externalAddress === host.internalAddress ? [] : [`node-external-ip: ${host.externalAddress}`]),
    `tls-san:`,
    ...[...new Set([host.externalAddress, host.ssh.address])].map((name) => `  - ${name}`),
    `disable:`,
    `  - traefik`,
    `write-kubeconfig-mode: "0600"`,
    `secrets-encryption: true`,
    `cluster-cidr: ${settings.clusterCidr}`,
    `service-cidr: ${settings.serviceCidr}`,
    ...(settings.maxPods === undefined ? [] : [`kubelet-arg:`, `  - max-pods=${settings.maxPods}`]),
  ];
  return `${lines.join('\n')}\n`;
}
