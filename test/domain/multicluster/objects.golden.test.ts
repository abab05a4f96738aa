import { test } from '@jest/globals';
import type { Gateway } from '../../../src/contract/topology/topology.js';
import type { ManifestObject } from '../../../src/domain/kubernetes/objects.js';
import { injectionProbe } from '../../../src/domain/linkerd/injection.js';
import { accountObjects } from '../../../src/domain/multicluster/accounts.js';
import { dialPod } from '../../../src/domain/multicluster/dial-pod.js';
import { linkObjects } from '../../../src/domain/multicluster/link.js';
import { hostAddresses, natsPolicy } from '../../../src/domain/multicluster/mesh-policy.js';
import { hubValues, leafValues } from '../../../src/domain/multicluster/values.js';
import { expectGoldenObjects, expectGoldenYaml } from '../../support/golden.js';
import { GATEWAY, LOAD_BALANCER, twoClusters } from '../../support/topologies.js';

const { nats, linkerd } = twoClusters();
const broker = 'cluster-a';
const token = { token: btoa('made-up-token'), ca: btoa('made-up-ca'), account: 'link-cluster-b' };
const link = (gateway: Gateway): ManifestObject[] =>
  linkObjects({ broker, address: '192.0.2.10', gateway, version: linkerd.version }, token);
const image = nats.images.box;

test.each<[role: string, part: string, objects: ManifestObject[]]>([
  ['broker', 'mesh-policy', natsPolicy('broker', hostAddresses('10.42.0.0/24', '192.0.2.10'))],
  ['broker', 'injection-probe', [injectionProbe('0a1b2c3d')]],
  ['broker', 'link-account', accountObjects('cluster-b')],
  ['leaf', 'mesh-policy', natsPolicy('leaf', hostAddresses('10.42.0.0/24', '192.0.2.20'))],
  ['leaf', 'injection-probe', [injectionProbe('0a1b2c3d')]],
  ['leaf', 'link-load-balancer', link(LOAD_BALANCER)],
  ['leaf', 'link-node-port', link(GATEWAY)],
  ['leaf', 'dial-pod', [dialPod({ broker, image })]],
])('the %s cluster in link mode mesh has these objects for %s', (role, part, objects) => {
  expectGoldenObjects(`objects/${role}-mesh/${part}.yaml`, objects);
});

test.each<[name: string, values: object]>([
  ['hub-load-balancer', hubValues(LOAD_BALANCER)],
  ['hub-node-port', hubValues(GATEWAY)],
  ['leaf-load-balancer', leafValues(broker, LOAD_BALANCER)],
  ['leaf-node-port', leafValues(broker, GATEWAY)],
])('Linkerd’s multicluster chart gets these values: %s', (name, values) => {
  expectGoldenYaml(`values/${name}.yaml`, [values]);
});
