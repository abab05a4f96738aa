import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import type { Sha256 } from '../kubernetes/pods.js';
import { leafConf, leafStart, type LeafConf } from './conf.js';
import { configMap, natsServer, service, serviceAccount, type TlsMaterial } from './objects/manifests.js';
import { dataClaim, dataClaimName, jetStreamMemoryMiB } from './streams/jetstream.js';
import { LEAF_MEMORY_MIB } from './memory.js';
import { leafAccount, LEAF_SERVICE, NATS_NAMESPACE, NATS_PORTS } from './names.js';
import { clientsOf, networkPolicy } from './objects/network-policy.js';
import { SECRETS } from './objects/secrets.js';

export const LEAF_APP = 'nats-leaf';

export const LEAF_WORKLOAD: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: LEAF_APP, namespace: NATS_NAMESPACE },
};

export interface LeafNodeSpec extends LeafConf {
  image: string;
  /** Of applications, whose pods may reach it. */
  namespaces: readonly string[];
  /** For clients in the cluster. */
  server: Pick<TlsMaterial, 'certificate' | 'ca'>;
  /** For the broker, which the leaf node dials. */
  client: Pick<TlsMaterial, 'certificate'>;
  /** Of the links of the user's accounts, for the broker too. PEM. */
  links: readonly string[];
  sha256: Sha256;
}

/** A leaf node, in the order of its apply. */
export function leafNodeObjects({ image, server, client, links, sha256, ...spec }: LeafNodeSpec): ManifestObject[] {
  const account = leafAccount(spec.cluster);
  return [
    serviceAccount(LEAF_APP, account),
    configMap(LEAF_APP, leafConf(spec)),
    service(LEAF_SERVICE, LEAF_APP, [{ name: 'client', port: NATS_PORTS.client }]),
    service(`${LEAF_APP}-headless`, LEAF_APP, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
    networkPolicy(LEAF_APP, [clientsOf('subscriber', spec.namespaces)]),
    ...(spec.jetstream === undefined ? [] : [dataClaim(LEAF_APP, 'leaf', spec.jetstream)]),
    natsServer({
      app: LEAF_APP,
      account,
      image,
      ports: ['client', 'monitor'],
      secrets: { '/etc/nats-tls': SECRETS.leaf, '/etc/nats-leaf-client': SECRETS.leafClient },
      data: spec.jetstream === undefined ? undefined : dataClaimName(LEAF_APP),
      memoryMiB: LEAF_MEMORY_MIB + jetStreamMemoryMiB('leaf', spec.jetstream),
      // Neither accounts nor certificates are in it: other ones are a reload and not a restart.
      checksum: sha256([leafStart(spec), server.ca].join('\n')),
      certificates: sha256([server.certificate, client.certificate, ...links].join('')),
      accounts: sha256(leafConf(spec)),
    }),
  ];
}
