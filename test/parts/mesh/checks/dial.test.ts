import { beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../../../src/contract/errors.js';
import { clientDialScript } from '../../../../src/domain/multicluster/client-dial.js';
import { link } from '../../../../src/parts/mesh/link/link.js';
import { failureOf } from '../../../support/errors.js';
import { MeshCluster } from '../../../support/fakes/mesh-cluster.js';
import { fakePorts, type FakePorts } from '../../../support/fakes/ports.js';
import { checkOf, judged } from '../../../support/parts/parts.js';
import { firstLeaf, siteOf } from '../../../support/parts/site.js';
import { meshMode, twoClusters } from '../../../support/topologies.js';

const scope = firstLeaf(twoClusters(meshMode));
const PAIR = 'cluster-a → cluster-b';
const UNMESHED = `refuses-unmeshed-pod@${PAIR}`;
const WITHOUT_CERTIFICATE = `refuses-meshed-without-certificate@${PAIR}`;
const LIFE = ['applied Pod/leafspan-dial', 'removed Pod/leafspan-dial'];
const noLog = new ProvisionError('KUBE_API_FAILED', 'container "dial" is waiting to start');

let cluster: MeshCluster;
let ports: FakePorts;
beforeEach(() => {
  cluster = new MeshCluster();
  ports = fakePorts({ kubernetes: cluster });
});
const dial = (): Promise<unknown> => checkOf(link, scope, UNMESHED).probe(siteOf(ports, scope));

test('a dial makes its pod, reads what it heard before the pod has ended, and removes it', async () => {
  cluster.phases = ['Pending', 'Running'];
  cluster.logs = ['a warning\n', 'heard=Terminated\n'];
  expect(await dial()).toBe('Terminated');
  expect(cluster.changes).toEqual(LIFE);
  expect(cluster.names()).toEqual([]);
  expect(cluster.asked).toEqual(['vm-b']);
});

test('the pod is of the image of the topology, and outside the mesh', async () => {
  const applied: unknown[] = [];
  const apply = cluster.apply.bind(cluster);
  cluster.apply = (objects) => apply(objects).finally(() => applied.push(...objects));
  cluster.phases = ['Succeeded'];
  cluster.logs = ['heard=\n'];
  expect(await dial()).toBe('');
  expect(applied).toMatchObject([
    {
      metadata: { annotations: { 'linkerd.io/inject': 'disabled' } },
      spec: { containers: [{ image: 'natsio/nats-box:0.19.7' }] },
    },
  ]);
});

test('the client in the mesh dials from the pod that the leaf cluster has', async () => {
  ports.hosts.on(clientDialScript('cluster-a'), ' remote error: tls: certificate required ');
  expect(await checkOf(link, scope, WITHOUT_CERTIFICATE).probe(siteOf(ports, scope))).toBe(
    'remote error: tls: certificate required',
  );
});

test('a dial pod whose container has no log yet is waited for', async () => {
  cluster.phases = ['Running'];
  cluster.logs = [noLog, noLog, 'heard=\n'];
  expect(await dial()).toBe('');
  expect(cluster.changes).toEqual(LIFE);
});

test.each(['Succeeded', 'Failed'])('a dial pod that is %s without a word heard nothing to judge', async (phase) => {
  cluster.phases = ['Running', phase];
  cluster.logs = [''];
  expect(await dial()).toBeUndefined();
  expect(cluster.changes).toEqual(LIFE);
});

test('a dial pod that never starts is removed when the time is up', async () => {
  cluster.phases = ['Pending'];
  const began = ports.clock.now();
  const { message } = await failureOf(dial());
  expect(message).toBe('not ready within 60 s, last: leafspan-dial is Pending');
  expect(ports.clock.now() - began).toBe(60_000);
  expect(cluster.changes).toEqual(LIFE);
});

test.each<[what: string, phases: (string | Error)[], logs: Error[]]>([
  ['its pod', [new Error('lost')], []],
  ['its log, by another error than that there is none', ['Running'], [new Error('lost')]],
])('a dial that cannot read %s fails, and its pod is removed', async (_what, phases, logs) => {
  cluster.phases = phases;
  cluster.logs = logs;
  await expect(dial()).rejects.toThrow('lost');
  expect(cluster.changes).toEqual(LIFE);
});

test('a pod that an earlier dial left behind is gone before the next one is made', async () => {
  cluster.leftover = 2;
  cluster.phases = ['Running'];
  cluster.logs = ['heard=\n'];
  await dial();
  const leftover = 'removes a leftover leafspan-dial';
  expect(cluster.changes).toEqual([leftover, leftover, ...LIFE]);
});

const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const INFO = 'INFO {"server_id":"NDXF","version":"2.15.2"';
const NO_DIAL = 'fail: the pod could not dial the mirrored Service';
const CUT_SHORT = 'fail: the pod stopped before its dial was over';

test.each<[heard: string | undefined, verdict: string]>([
  ['', 'pass: no INFO'],
  ['Terminated', 'pass: no INFO'],
  ['nc: timed out', 'pass: no INFO'],
  ['nc: timeout', 'pass: no INFO'],
  ['nc: read: Connection reset by peer', 'pass: no INFO'],
  [INFO, `fail: a pod outside the mesh got the INFO of the broker | ${INFO}`],
  [`${INFO} Terminated`, `fail: a pod outside the mesh got the INFO of the broker | ${INFO} Terminated`],
  [`nc: bad address '${MIRROR}'`, `${NO_DIAL} | nc: bad address '${MIRROR}'`],
  ['sh: nc: not found', `${NO_DIAL} | sh: nc: not found`],
  ["nc: can't connect: Connection refused", `${NO_DIAL} | nc: can't connect: Connection refused`],
  [undefined, CUT_SHORT],
])('a pod outside the mesh that hears %j', (heard, verdict) => {
  expect(judged(link, scope, `refuses-unmeshed-pod@${PAIR}`, heard)).toBe(verdict);
});

const REQUIRED = 'nats: error: remote error: tls: certificate required';
const CLOSED = 'nats: error: connection closed by remote after TLS handshake: write tcp: broken pipe';
const SILENT = 'nats: error: read tcp 10.42.0.12:40112->10.53.7.7:7422: i/o timeout';
const AUTHORITY = 'nats: error: tls: failed to verify certificate: x509: certificate signed by unknown authority';
const NOT_REFUSED = 'fail: the broker did not refuse the client';
const NOT_STARTED = 'fail: the client could not be started in the pod of the subscriber';
const NO_POD = 'Error from server (NotFound): deployments.apps "subscriber" not found';

test.each<[heard: string, verdict: string]>([
  [REQUIRED, `pass: ${REQUIRED}`],
  [CLOSED, `pass: ${CLOSED}`],
  ['remote error: tls: bad certificate', 'pass: remote error: tls: bad certificate'],
  [`${REQUIRED} ${'.'.repeat(200)}`, `pass: ${REQUIRED} ${'.'.repeat(120 - REQUIRED.length - 1)}`],
  [SILENT, `${NOT_REFUSED} | ${SILENT}`],
  [AUTHORITY, `${NOT_REFUSED} | ${AUTHORITY}`],
  ['nats: error: nats: Authorization Violation', `${NOT_REFUSED} | nats: error: nats: Authorization Violation`],
  ['RTT: 1.34ms', `${NOT_REFUSED} | RTT: 1.34ms`],
  ['', `${NOT_REFUSED} | `],
  [NO_POD, `${NOT_STARTED} | ${NO_POD}`],
])('a client in the mesh without a certificate that hears %j', (heard, verdict) => {
  expect(judged(link, scope, WITHOUT_CERTIFICATE, heard)).toBe(verdict);
});
