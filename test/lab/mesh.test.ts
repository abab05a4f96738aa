import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adoption } from './adopted/adoption.js';
import { keepForOwner } from './adopted/owner.js';
import { bareHost, meshObjects, provisionedHost } from './support/host-snapshots.js';
import { strangeTrust, trust, trustOf } from './mesh/anchors.js';
import { doctorNames, firstCause } from './mesh/doctor.js';
import { behave, misbehave, spoilCredentials } from './mesh/faults.js';
import { messagesFlow, messagesStop } from './mesh/messages.js';
import { failures, MeshLab, resultsOf } from './support/mesh-lab.js';
import { clusterWorkflowId } from '../../src/contract/names.js';
import { untilAtWork } from './support/histories.js';
import { everyHistory, secretsIn, watchCommandLines } from './support/secret-hunt.js';
import { ALL_PASS, eventually, NOTHING } from './support/system-lab.js';
import { toolsAt } from './support/tools.js';
import { MESH_DOUBLE_VERSION } from '../doubles/linkerd/bundle.js';

/**
 * Link mode mesh on two real hosts, with the double in place of Linkerd: proven, then broken in one way after the other. The
 * tests build on each other and run in order.
 */
const lab = new MeshLab('meshe2e');
const HOSTS = ['vm-a', 'vm-b'];
const MIRROR = 'k -n nats-system get service nats-broker-cluster-a --ignore-not-found -o name';

/** All at once: `kubectl delete events --all` takes them one by one, and there are hundreds. */
const EVENTS = '/api/v1/namespaces/nats-system/events';

const onEach = (look: (on: typeof lab.on, host: string) => string[]): string[][] =>
  HOSTS.map((host) => look(lab.on, host));
const snapshot = (): string[][] => [...onEach(provisionedHost), ...onEach(meshObjects)];

const cut = (): Promise<unknown> => lab.cli.mustRun('lab', 'fault', 'cut', 'vm-b', 'vm-a', '-p', '4143');

let topology: string;
let bare: string[][];

beforeAll(async () => {
  await lab.up();
  topology = lab.mesh('loadBalancer');
  bare = onEach(bareHost);
}, 1_800_000);

afterAll(lab.remove, 120_000);

test('one command ends with every check passing, and no secret in a command line', async () => {
  const stop = watchCommandLines();
  const { state, checks } = await lab.provision(topology).finally(stop);
  const lines = [...stop()];
  expect({ state, checks }).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect(lines.some((line) => line.includes('service-mirror'))).toBe(true);
  expect(lines.filter((line) => secretsIn(line).length > 0)).toEqual([]);
}, 600_000);

test('verify runs every check again', async () => {
  const { code, verification } = await lab.verify();
  expect({ code, checks: verification.checks }).toMatchObject({ code: 0, checks: ALL_PASS });
  expect(resultsOf(verification).map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'service-mirrored',
      'gateway-alive',
      'gateway-reachable',
      'leaf-path-encrypted',
      'broker-behind-gateway',
      'refuses-unmeshed-pod',
      'refuses-meshed-without-certificate',
      'trust-anchor-shared',
    ]),
  );
}, 600_000);

test.each(HOSTS)(
  'the tools work for the login user of %s',
  async (host) => {
    expect(await toolsAt(lab, host, 'linkerd version --client --short')).toEqual([
      `node/${host}`,
      expect.stringContaining('version.BuildInfo{Version:"v4.'),
      MESH_DOUBLE_VERSION,
      expect.stringMatching(/^v?0\.\d+\.\d+$/),
      'Smallstep CLI/double (linux/amd64)',
    ]);
  },
  60_000,
);

test("the leaf node's own word: it is linked by the mirrored Service's address", () => {
  const mirror = lab.on('vm-b', 'k -n nats-system get service nats-broker-cluster-a -o jsonpath={.spec.clusterIP}');
  const leafz = lab.on('vm-b', 'k get --raw /api/v1/namespaces/nats-system/pods/https:nats-leaf-0:8222/proxy/leafz');
  const { leafs } = JSON.parse(leafz) as { leafs: { name: string; ip: string; port: number }[] };
  expect(leafs).toMatchObject([{ name: 'broker-cluster-a', ip: mirror, port: 7422 }]);
});

test('a second run changes nothing on any host', async () => {
  const first = snapshot();
  expect(await lab.provision(topology)).toMatchObject({ state: 'done', changed: NOTHING, checks: ALL_PASS });
  expect(snapshot()).toEqual(first);
}, 600_000);

doctorNames(lab, () => topology);

test('a cut of the gateway’s port alone stops the messages, and doctor names it; healed, they flow again', async () => {
  await messagesFlow(lab);
  await cut();
  await messagesStop(lab);
  const reached = lab.on(
    'vm-b',
    `for port in 22 6443 4191 30422 4143; do timeout 2 bash -c "</dev/tcp/${lab.address('vm-a')}/$port" 2>/dev/null && echo $port; done; true`,
  );
  expect(reached.trim().split('\n')).toEqual(['22', '6443', '4191', '30422']);
  expect(await firstCause(lab, topology)).toBe('gateway-reachable');
  await lab.cli.mustRun('lab', 'fault', 'heal');
  await messagesFlow(lab);
}, 600_000);

test('cut off, a dead gateway, a missing mirror, another anchor, spoiled credentials: each has its name', async () => {
  misbehave(lab, 'vm-a', { gateway: 'dead' });
  misbehave(lab, 'vm-b', { mirror: 'missing' });
  await eventually('the mirror is gone', () => lab.on('vm-b', MIRROR) === '');
  const right = trustOf(lab, 'vm-b');
  trust(lab, 'vm-b', await strangeTrust());
  // Last, since a mirror controller whose credentials fail leaves everything as it is.
  spoilCredentials(lab, 'vm-b');
  await cut();
  const { code, verification } = await lab.verify();
  const checks = resultsOf(verification);
  await lab.cli.mustRun('lab', 'fault', 'heal');
  trust(lab, 'vm-b', right);
  expect(code).toBe(1);
  expect(failures(checks)).toMatchObject({
    'gateway-reachable': expect.stringContaining(`no response from ${lab.address('vm-a')}:4143`) as unknown,
    'gateway-alive': expect.stringContaining('no response from') as unknown,
    'service-mirrored': expect.stringMatching(/not there|has not seen/) as unknown,
    'trust-anchor-shared': expect.stringContaining('trust different anchors') as unknown,
    'link-healthy': expect.stringContaining('credentials') as unknown,
  });
  const headings = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8').split('\n');
  const expected = checks.filter(({ verdict }) => verdict.state === 'fail').map(({ docs }) => `### ${docs}`);
  expect(headings).toEqual(expect.arrayContaining(expected));
}, 600_000);

test('a run mends the credentials, and waits for a mirror whose endpoints are slow', async () => {
  behave(lab, 'vm-a');
  misbehave(lab, 'vm-b', { endpoints: 'slow', 'endpoints-delay': 3600 });
  await lab.cli.mustRun('provision', '-f', topology, '--detach');
  const leaf = clusterWorkflowId(lab.name, 'cluster-b');
  await untilAtWork(await lab.temporal(), lab.name, { workflowId: leaf, activityId: 'checks' });
  await eventually('the mirror is there', () => lab.on('vm-b', MIRROR) !== '');
  const endpoints = 'k -n nats-system get endpoints nats-broker-cluster-a --ignore-not-found -o jsonpath={.subsets}';
  expect(lab.on('vm-b', `${endpoints} 2>/dev/null`)).toBe('');
  behave(lab, 'vm-b');
  expect(await lab.provision(topology)).toMatchObject({ state: 'done', checks: ALL_PASS });
  await messagesFlow(lab);
}, 600_000);

test('while the injector is late no pod comes without a proxy; afterwards the leaf node comes by itself', async () => {
  misbehave(lab, 'vm-b', { injector: 'late' });
  // The switch is read each second.
  lab.on(
    'vm-b',
    `sleep 2; k delete --raw ${EVENTS} >/dev/null; k -n nats-system delete pod nats-leaf-0 --grace-period=1`,
  );
  const refused = 'k -n nats-system get events --field-selector reason=FailedCreate -o jsonpath={.items[*].message}';
  await eventually('the leaf node is not made', () => lab.on('vm-b', refused).includes('failed calling webhook'));
  expect(lab.on('vm-b', 'k -n nats-system get pod nats-leaf-0 --ignore-not-found -o name')).toBe('');
  behave(lab, 'vm-b');
  await messagesFlow(lab);
  const proxies = 'k -n nats-system get pod nats-leaf-0 -o jsonpath={.spec.initContainers[*].name}';
  expect(lab.on('vm-b', proxies)).toContain('linkerd-proxy');
}, 600_000);

test('the gateway’s pod is deleted, the leaf node’s is killed, the leaf’s host is rebooted: messages flow again', async () => {
  lab.on('vm-a', 'k -n linkerd-multicluster delete pod -l app=linkerd-gateway --grace-period=1');
  await messagesFlow(lab);
  lab.on('vm-b', 'k -n nats-system delete pod nats-leaf-0 --force --grace-period=0 2>/dev/null');
  await messagesFlow(lab);
  await lab.cli.mustRun('lab', 'fault', 'reboot', 'vm-b');
  await messagesFlow(lab);
  const { code, verification } = await lab.verify();
  expect({ code, checks: verification.checks }).toMatchObject({ code: 0, checks: ALL_PASS });
}, 600_000);

test('no private key, token or kubeconfig is in a history or a log, the link’s token neither', async () => {
  const secret = 'k -n linkerd-multicluster get secret link-cluster-b-token -o jsonpath={.data.token}';
  const linkToken = lab.on('vm-a', secret);
  const { texts: histories } = await everyHistory(lab.temporalAddress(), lab.stateDir);
  expect(histories.some((text) => text.includes('ensure link'))).toBe(true);
  const texts = [...histories, ...lab.logs()];
  expect(texts.flatMap(secretsIn)).toEqual([]);
  expect(texts.filter((text) => text.includes(linkToken) || text.includes(atob(linkToken)))).toEqual([]);
}, 600_000);

test('teardown leaves the hosts as they were', async () => {
  HOSTS.forEach((host) => keepForOwner(lab, host));
  await lab.cli.mustRun('teardown', lab.name, '--yes');
  expect(onEach(bareHost)).toEqual(bare);
}, 600_000);

adoption(lab);
