import { clientDialScript } from '../../../../src/domain/multicluster/client-dial.js';
import {
  confScript,
  certificatesInPodScript,
  nudgeForCertificatesScript,
  nudgeScript,
  reloadScript,
} from '../../../../src/domain/nats/reload.js';
import { SECRETS } from '../../../../src/domain/nats/objects/secrets.js';
import { sha256 } from './host-model.js';
import { built, exactly, lines, type Understood } from './understood.js';

/** What the server reports for a configuration. */
export const digestOf = (conf: string): string => `sha256:${sha256(conf)}`;

export const NATS_SCRIPTS: readonly Understood[] = [
  exactly(confScript('nats-broker'), ({ cluster }) => {
    const process = cluster.broker.settle();
    if (process === undefined) return lines('error: unable to upgrade connection: container not found ("nats")');
    return lines(
      `${sha256(process.file)}  -`,
      `nats-server: configuration file /etc/nats/nats.conf is valid (${digestOf(process.file)})`,
    );
  }),
  built(
    (script) => / leafspan\.io\/configuration=([0-9a-f]{64}) /.exec(script)?.[1],
    (sum) => nudgeScript('nats-broker', sum),
    ({ cluster }) => {
      cluster.broker.refresh();
      return '';
    },
  ),
  exactly(reloadScript('nats-broker'), ({ cluster }) => {
    cluster.broker.reload();
    return '';
  }),
  exactly(reloadScript('nats-leaf'), ({ cluster }) => {
    cluster.leafNode.reload();
    return '';
  }),
  exactly(certificatesInPodScript('nats-broker'), ({ cluster: { broker } }) =>
    lines(`${sha256(broker.certificate())}  -`),
  ),
  exactly(certificatesInPodScript('nats-leaf'), ({ cluster: { leafNode } }) =>
    lines(`${sha256(leafNode.certificate() + leafNode.certificate(SECRETS.leafClient))}  -`),
  ),
  ...(['nats-broker', 'nats-leaf'] as const).map((app) =>
    built(
      (script) => / leafspan\.io\/certificates=([0-9a-f]{64}) /.exec(script)?.[1],
      (sum) => nudgeForCertificatesScript(app, sum),
      () => '',
    ),
  ),
  built(
    (script) => /tls:\/\/nats-broker-(\S+?)\.nats-system/.exec(script)?.[1],
    clientDialScript,
    () => lines('remote error: tls: certificate required'),
  ),
];
