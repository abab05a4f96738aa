import { DATASTORE, K3S_BINARY, K3S_CONFIG_FILE, K3S_KUBECONFIG } from '../hosts/paths.js';
import { quote } from '../hosts/quote.js';
import { WRITTEN_BY_US } from './config.js';

/**
 * absent: no K3s was installed, so nothing is in the cluster. down: K3s is there and its API server does not respond, so
 * nothing is known about the cluster.
 */
export type ApiState = 'absent' | 'down' | 'up';

export const apiStateScript = `
[ -x ${K3S_BINARY} ] && [ -e /etc/systemd/system/k3s.service ] && echo installed
[ -e ${DATASTORE} ] && echo datastore
systemctl is-active -q k3s.service && echo active
[ -s ${K3S_KUBECONFIG} ] && echo kubeconfig
true
`;

/** Prints what there is of a K3s, working or not, and what an earlier one left. */
export const k3sTracesScript = `
for file in ${K3S_BINARY} /etc/systemd/system/k3s.service ${DATASTORE}; do if [ -e $file ]; then echo $file; fi; done
`;

/** Prints the configuration of a K3s that leafspan installed. */
export const ownK3sScript = `
if grep -qsxF ${quote(WRITTEN_BY_US)} ${K3S_CONFIG_FILE}; then echo ${K3S_CONFIG_FILE}; fi
`;

/** `up` here means that the API server can be asked; whether it responds is the caller's to find out. */
export function parseApiState(output: string): ApiState {
  const lines = output.split('\n');
  if (!lines.includes('installed') && !lines.includes('datastore')) return 'absent';
  return lines.includes('active') && lines.includes('kubeconfig') ? 'up' : 'down';
}
