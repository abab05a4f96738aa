import { DEFAULT_STORES } from '../../../src/contract/topology/stores.js';
import { test } from '@jest/globals';
import type { Link } from '../../../src/contract/topology/topology.js';
import type { ManifestObject } from '../../../src/domain/kubernetes/objects.js';
import { meshed } from '../../../src/domain/linkerd/meshed.js';
import { brokerObjects } from '../../../src/domain/nats/broker.js';
import { externalPorts } from '../../../src/domain/nats/objects/external-ports.js';
import { leafNodeObjects } from '../../../src/domain/nats/leaf-node.js';
import { namespace } from '../../../src/domain/nats/objects/manifests.js';
import { mirrorHost } from '../../../src/domain/nats/names.js';
import { programObjects } from '../../../src/domain/nats/objects/programs.js';
import { brokerSecrets, leafSecrets } from '../../../src/domain/nats/objects/secrets.js';
import { outbox } from '../../support/accounts.js';
import { expectGoldenObjects } from '../../support/golden.js';
import { madeUp, sha256 } from '../../support/material.js';
import { twoClusters } from '../../support/topologies.js';

const { subject, publishEverySeconds, images, clientNodePort, leafNodePort } = twoClusters().nats;
const common = { subject, accounts: [], namespaces: [], image: images.server, sha256 };
const broker = { ...common, cluster: 'cluster-a', leaves: ['cluster-b', 'cluster-c'] };
const leaf = { ...common, cluster: 'cluster-b', links: [] };
const leafMaterial = { server: madeUp('leaf server'), client: madeUp('leaf client') };
const program = { subject, publishEverySeconds, image: images.box, sha256 };

const brokerSecretObjects = [
  namespace(),
  ...brokerSecrets({ broker: madeUp('broker'), publisher: madeUp('publisher') }),
];
const leafSecretObjects = [
  namespace(),
  ...leafSecrets({
    leaf: madeUp('leaf server'),
    leafClient: madeUp('leaf client'),
    subscriber: madeUp('subscriber'),
    links: {},
  }),
];
const brokerNode = (...open: ('client' | 'leaf')[]): ManifestObject[] =>
  brokerObjects({ ...broker, server: madeUp('broker'), open, podCidr: '10.42.0.0/16' });
const leafNode = (remote: string): ManifestObject[] => leafNodeObjects({ ...leaf, ...leafMaterial, remote });
const jetstream = DEFAULT_STORES;
const accounts = [outbox()];
const publisher = programObjects({ ...program, app: 'publisher', cluster: 'cluster-a', client: madeUp('publisher') });
const subscriber = programObjects({
  ...program,
  app: 'subscriber',
  cluster: 'cluster-b',
  client: madeUp('subscriber'),
});

const DRESSES: Record<Link['mode'], (objects: ManifestObject[]) => ManifestObject[]> = {
  direct: (objects) => objects,
  mesh: (objects) => objects.map((object) => meshed(object)),
};

test.each<[role: string, mode: Link['mode'], part: string, objects: ManifestObject[]]>([
  ['broker', 'direct', 'secrets', brokerSecretObjects],
  ['broker', 'direct', 'broker', brokerNode('client', 'leaf')],
  ['broker', 'direct', 'publisher', publisher],
  ['broker', 'direct', 'external-ports', [externalPorts({ client: clientNodePort, leaf: leafNodePort })]],
  ['broker', 'mesh', 'secrets', brokerSecretObjects],
  ['broker', 'mesh', 'broker', brokerNode('client')],
  ['broker', 'mesh', 'publisher', publisher],
  ['broker', 'mesh', 'external-ports', [externalPorts({ client: clientNodePort })]],
  ['leaf', 'direct', 'secrets', leafSecretObjects],
  ['leaf', 'direct', 'leaf-node', leafNode(`192.0.2.10:${leafNodePort}`)],
  ['leaf', 'direct', 'subscriber', subscriber],
  ['leaf', 'mesh', 'secrets', leafSecretObjects],
  ['leaf', 'mesh', 'leaf-node', leafNode(`${mirrorHost('cluster-a')}:7422`)],
  ['leaf', 'mesh', 'subscriber', subscriber],
  [
    'broker',
    'direct',
    'broker-with-streams',
    brokerObjects({ ...broker, accounts, jetstream, server: madeUp('broker'), open: [], podCidr: '10.42.0.0/16' }),
  ],
  [
    'leaf',
    'direct',
    'leaf-node-with-streams',
    leafNodeObjects({ ...leaf, accounts, jetstream, ...leafMaterial, remote: '192.0.2.10:30722' }),
  ],
])('the %s cluster in link mode %s has these objects for %s', (role, mode, part, objects) => {
  expectGoldenObjects(`objects/${role}-${mode}/${part}.yaml`, DRESSES[mode](objects));
});
