import { linkFile } from '../accounts/names.js';
import { monitorPath } from './monitor.js';
import { CERTIFICATES_ANNOTATION } from './objects/manifests.js';
import { kubectlExec, NATS_KUBECTL } from './pod-exec.js';

/** A NATS server by the name of its workload, which has one pod. */
export type NatsApp = 'nats-broker' | 'nats-leaf';

const podOf = (app: NatsApp): string => `${app}-0`;
const execIn = (app: NatsApp): string => kubectlExec(podOf(app), 'nats');

/** Path of a server's own account of itself, through the API server. */
export const varzPath = (app: NatsApp): string => monitorPath(app, 'varz');

/** What a server's pod sees of its configuration file; the server names its digest of it, and whether it is valid. */
export const confScript = (app: NatsApp): string => `
${execIn(app)} sh -c 'sha256sum < /etc/nats/nats.conf; nats-server -t -c /etc/nats/nats.conf' 2>&1
true
`;

/** What the container runtime says of an image without a shell. */
export const hasNoShell = (output: string): boolean =>
  /\bsh\b.{0,40}(?:executable file not found|no such file or directory)/i.test(output);

export interface ConfSeen {
  /** SHA-256 of the file in the pod, hex. */
  file?: string;
  /** What the server would report as config_digest once it has loaded the file; absent when it refuses the file. */
  digest?: string;
}

export function parseConf(output: string): ConfSeen {
  const file = /^([0-9a-f]{64}) /m.exec(output)?.[1];
  const digest = /is valid \((sha256:[0-9a-f]+)\)/.exec(output)?.[1];
  return { ...(file === undefined ? {} : { file }), ...(digest === undefined ? {} : { digest }) };
}

/** A change of the pod makes the kubelet look at the ConfigMap at once, and not within its minute. */
export const nudgeScript = (app: NatsApp, confSha256: string): string =>
  `${NATS_KUBECTL} annotate pod ${podOf(app)} leafspan.io/configuration=${confSha256} --overwrite >/dev/null`;

export const reloadScript = (app: NatsApp): string => `${execIn(app)} nats-server -sl reload=/var/run/nats/nats.pid`;

const CERTIFICATES: Readonly<Record<NatsApp, string>> = {
  'nats-broker': '/etc/nats-tls/tls.crt',
  'nats-leaf': '/etc/nats-tls/tls.crt /etc/nats-leaf-client/tls.crt',
};

/**
 * What the pod sees of its certificates, one after the other.
 * @param accounts of the links that a leaf node has in addition to APP's
 */
export function certificatesInPodScript(app: NatsApp, accounts: readonly string[] = []): string {
  const links = accounts.map((account) => ` /etc/nats-leaf-client/${linkFile(account)}.crt`).join('');
  return `
${execIn(app)} sh -c 'cat ${CERTIFICATES[app]}${links} | sha256sum' 2>&1
true
`;
}

/** SHA-256, hex. */
export const parseCertificatesInPod = (output: string): string | undefined => /^([0-9a-f]{64}) /m.exec(output)?.[1];

export const nudgeForCertificatesScript = (app: NatsApp, sha256: string): string =>
  `${NATS_KUBECTL} annotate pod ${podOf(app)} ${CERTIFICATES_ANNOTATION}=${sha256} --overwrite >/dev/null`;
