import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { keyOf } from '../../src/domain/diagnosis/examined.js';
import { CLAIM_FILE, IMAGES_DIRECTORY } from '../../src/domain/hosts/paths.js';
import { provisionedPair, type Pair } from '../doubles/fleet/pair.js';
import { edit, objectOf, remove, scaleToZero } from '../support/doctor/edit.js';

const PATIENCE_MS = 60_000;

let pair: Pair;
beforeAll(async () => {
  pair = await provisionedPair('mesh');
}, PATIENCE_MS);
afterEach(() => pair.repair(), PATIENCE_MS);
afterAll(() => pair.close());

const [HUB, LEAF] = ['site-hub', 'site-0001'];
const PAIR = `${HUB} → ${LEAF}`;
const drop = ({ world, hub, leaf }: Pair, port: string): unknown =>
  world.troubles.dropped.add(`${leaf.address} → ${hub.address}:${port}`);

test('of a system that works nothing is named', async () => {
  expect(await pair.diagnosis()).toEqual({ health: 'healthy', causes: [], unseen: [] });
});

test.each<[fault: string, make: (pair: Pair) => unknown, first: string]>([
  ["the hub's host is off", ({ world, hub }) => world.troubles.down.add(hub.address), `host-responds@${HUB}`],
  ["the leaf's host is off", ({ world, leaf }) => world.troubles.down.add(leaf.address), `host-responds@${LEAF}`],
  [
    'the clock of the leaf is wrong',
    ({ world, leaf }) => world.troubles.clocks.set(leaf.address, 3.6e6),
    `host-clock@${LEAF}`,
  ],
  [
    'the disk of the hub is full',
    ({ world, hub }) => world.troubles.disks.set(hub.address, 0.01),
    `host-has-room@${HUB}`,
  ],
  [
    'another installation holds the host of the leaf',
    ({ leaf }) =>
      leaf.write(CLAIM_FILE, JSON.stringify({ topology: 'site', installation: '0'.repeat(16), adopted: false })),
    `host-is-ours@${LEAF}`,
  ],
  ['K3s of the leaf is stopped', ({ leaf }) => leaf.k3s.stop(), `api-server-ready@${LEAF}`],
  ['K3s of the hub is stopped', ({ hub }) => hub.k3s.stop(), `api-server-ready@${HUB}`],
  ['everything between the hosts is dropped', (of) => drop(of, '*'), `hub-reachable@${PAIR}`],
  ["a firewall drops the gateway's port", (of) => drop(of, '4143'), `gateway-reachable@${PAIR}`],
  ["a firewall drops the gateway's probe port", (of) => drop(of, '4191'), `gateway-probe-open@${PAIR}`],
  ["a firewall drops the port of the hub's API server", (of) => drop(of, '6443'), `hub-api-open@${PAIR}`],
  [
    'the Secret of the broker is deleted',
    ({ hub }) => remove(hub, objectOf('v1', 'Secret', 'nats-broker-tls')),
    `part-as-wanted@${HUB}/nats-secrets`,
  ],
  [
    'the broker is scaled to zero',
    ({ hub }) => scaleToZero(hub, 'StatefulSet', 'nats-broker'),
    `part-as-wanted@${HUB}/broker`,
  ],
  [
    'the leaf node is scaled to zero',
    ({ leaf }) => scaleToZero(leaf, 'StatefulSet', 'nats-leaf'),
    `part-as-wanted@${LEAF}/leaf-node`,
  ],
  [
    'the subscriber is scaled to zero',
    ({ leaf }) => scaleToZero(leaf, 'Deployment', 'subscriber'),
    `part-as-wanted@${LEAF}/subscriber`,
  ],
  [
    'the publisher is deleted',
    ({ hub }) => remove(hub, objectOf('apps/v1', 'Deployment', 'publisher')),
    `part-as-wanted@${HUB}/publisher`,
  ],
  [
    'the broker is not exported',
    ({ hub }) =>
      edit(
        hub,
        objectOf('v1', 'Service', 'nats-broker'),
        ({ metadata }) => delete metadata.labels?.['mirror.linkerd.io/exported'],
      ),
    `part-as-wanted@${HUB}/broker`,
  ],
  [
    'the gateway is deleted',
    ({ hub }) => remove(hub, objectOf('apps/v1', 'Deployment', 'linkerd-gateway', 'linkerd-multicluster')),
    `part-as-wanted@${HUB}/gateway`,
  ],
  [
    'the Service of the gateway is deleted',
    ({ hub }) => remove(hub, objectOf('v1', 'Service', 'linkerd-gateway', 'linkerd-multicluster')),
    `part-as-wanted@${HUB}/multicluster`,
  ],
  [
    'the mirror controller is deleted',
    ({ leaf }) => remove(leaf, objectOf('apps/v1', 'Deployment', `controller-${HUB}`, 'linkerd-multicluster')),
    `part-as-wanted@${LEAF}/mirror-controller`,
  ],
  [
    'the credentials of the Link are wrong',
    ({ leaf }) =>
      edit(leaf, objectOf('v1', 'Secret', `cluster-credentials-${HUB}`, 'linkerd-multicluster'), ({ data = {} }) =>
        Object.assign(data, { kubeconfig: btoa('{}') }),
      ),
    `part-as-wanted@${LEAF}/link`,
  ],
  [
    'the broker does not know the leaf',
    ({ hub }) => {
      edit(hub, objectOf('v1', 'ConfigMap', 'nats-broker-config'), ({ data = {} }) =>
        Object.assign(data, { 'nats.conf': data['nats.conf']?.replaceAll(`leaf-${LEAF}`, 'leaf-other') }),
      );
      hub.cluster.broker.refresh();
      hub.cluster.broker.reload();
    },
    `part-as-wanted@${HUB}/broker`,
  ],
  [
    "Linkerd's injector is deleted",
    ({ leaf }) => remove(leaf, objectOf('apps/v1', 'Deployment', 'linkerd-proxy-injector', 'linkerd')),
    `part-as-wanted@${LEAF}/linkerd`,
  ],
  [
    'an image is missing',
    ({ leaf }) =>
      [...leaf.files.keys()]
        .filter((path) => path.startsWith(IMAGES_DIRECTORY) && path.includes('nats'))
        .map((path) => leaf.files.delete(path)),
    `part-as-wanted@${LEAF}/images`,
  ],
])(
  '%s: that is named first',
  async (_fault, make, first) => {
    make(pair);
    const [cause] = (await pair.diagnosis()).causes;
    expect(cause && keyOf(cause.check)).toBe(first);
  },
  PATIENCE_MS,
);
