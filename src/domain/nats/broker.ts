import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import type { Sha256 } from '../kubernetes/pods.js';
import { brokerConf, brokerStart, type BrokerConf } from './conf.js';
import { configMap, natsServer, service, serviceAccount, type TlsMaterial } from './objects/manifests.js';
import { brokerMemoryMiB } from './memory.js';
import { BROKER_CLIENT_SERVICE, BROKER_SERVICE, NATS_NAMESPACE, NATS_PORTS } from './names.js';
import { clientsOf, networkPolicy, outsideOf } from './objects/network-policy.js';
import { SECRETS } from './objects/secrets.js';

export const BROKER_APP = 'nats-broker';

export const BROKER_WORKLOAD: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: BROKER_APP, namespace: NATS_NAMESPACE },
};

export interface BrokerSpec extends BrokerConf {
  image: string;
  /** Ports that lead to it from outside the cluster. */
  open: readonly ('client' | 'leaf')[];
  podCidr: string;
  server: Pick<TlsMaterial, 'certificate' | 'ca'>;
  sha256: Sha256;
}

/** The broker, in the order of its apply. */
export const brokerObjects = ({ image, server, sha256, open, podCidr, ...conf }: BrokerSpec): ManifestObject[] => [
  serviceAccount(BROKER_APP),
  configMap(BROKER_APP, brokerConf(conf)),
  // Leaf nodes and clients have a Service each: what is exported to other clusters carries only 7422.
  service(BROKER_SERVICE, BROKER_APP, [{ name: 'leaf', port: NATS_PORTS.leaf }]),
  service(BROKER_CLIENT_SERVICE, BROKER_APP, [{ name: 'client', port: NATS_PORTS.client }]),
  service(`${BROKER_APP}-headless`, BROKER_APP, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
  networkPolicy(BROKER_APP, [clientsOf('publisher'), ...outsideOf(podCidr, open)]),
  natsServer({
    app: BROKER_APP,
    account: BROKER_APP,
    image,
    ports: ['client', 'leaf', 'monitor'],
    secrets: { '/etc/nats-tls': SECRETS.broker },
    memoryMiB: brokerMemoryMiB(conf.leaves.length),
    // Neither accounts nor certificates are in it: other ones are a reload and not a restart.
    checksum: sha256([brokerStart(conf), server.ca].join('\n')),
    certificates: sha256(server.certificate),
  }),
];
