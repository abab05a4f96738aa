import { monitorPath } from './monitor.js';
import { NATS_NAMESPACE } from './names.js';
import { HOST_DIRECTORY } from '../hosts/paths.js';

const POD = 'nats-broker-0';
/** Its cache goes where teardown finds it, and not into root's home. */
const KUBECTL = `/usr/local/bin/k3s kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n ${NATS_NAMESPACE}`;

/** Path of the broker's own account of itself, through the API server. */
export const VARZ_PATH = monitorPath('nats-broker', 'varz');

/** What the broker's pod sees of its configuration file; the server names its digest of it, and whether it is valid. */
export const brokerConfScript = `
${KUBECTL} exec ${POD} -c nats -- sh -c 'sha256sum < /etc/nats/nats.conf; nats-server -t -c /etc/nats/nats.conf' 2>&1
true
`;

export interface BrokerConfSeen {
  /** SHA-256 of the file in the pod, hex. */
  file?: string;
  /** What the server would report as config_digest once it has loaded the file; absent when it refuses the file. */
  digest?: string;
}

export function parseBrokerConf(output: string): BrokerConfSeen {
  const file = /^([0-9a-f]{64}) /m.exec(output)?.[1];
  const digest = /is valid \((sha256:[0-9a-f]+)\)/.exec(output)?.[1];
  return { ...(file === undefined ? {} : { file }), ...(digest === undefined ? {} : { digest }) };
}

/** A change of the pod makes the kubelet look at the ConfigMap at once, and not within its minute. */
export const nudgeScript = (confSha256: string): string =>
  `${KUBECTL} annotate pod ${POD} leafspan.io/configuration=${confSha256} --overwrite >/dev/null`;

export const reloadScript = `${KUBECTL} exec ${POD} -c nats -- nats-server -sl reload=/var/run/nats/nats.pid`;
