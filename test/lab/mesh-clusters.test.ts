import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clusterWorkflowId } from '../../src/contract/names.js';
import { stepsTaken, untilAtWork } from './support/histories.js';
import { bareHost, meshObjects, provisionedHost } from './support/host-snapshots.js';
import { messagesFlow, received } from './mesh/messages.js';
import { MeshLab, resultsOf } from './support/mesh-lab.js';
import { outsideClient } from './mesh/outside-client.js';
import { everyHistory, secretsIn } from './support/secret-hunt.js';
import { ALL_PASS, eventually, NOTHING } from './support/system-lab.js';

/**
 * Link mode mesh behind a NodePort, with the double in place of Linkerd: a worker that dies, a cluster that joins and leaves,
 * and a teardown. The tests build on each other and run in order.
 */
const lab = new MeshLab('meshclusters');
const ALL = ['cluster-b', 'cluster-c'];

const onEach = (hosts: string[], look: (on: typeof lab.on, host: string) => string[]): string[][] =>
  hosts.map((host) => look(lab.on, host));

let bare: string[][];

const BILLING = {
  name: 'BILLING',
  subjects: ['bills.{cluster}'],
  users: [{ name: 'books', at: ['broker'], publish: ['bills.*'], subscribe: ['orders.*.done'] }],
};

/** With an account that has no stream, and no user at a leaf cluster. */
const mesh = (
  exposure: 'loadBalancer' | 'nodePort',
  leaves?: string[],
  accounts: readonly object[] = [BILLING],
): string => lab.mesh(exposure, leaves, accounts);

/** Another pod, or another container of it, is another line. */
const brokerPod = (): string =>
  lab.on(
    'vm-a',
    "k -n nats-system get pod nats-broker-0 -o jsonpath='{.metadata.uid} {.status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount}'",
  );

const linkedLeaves = (): string[] => {
  const path = '/api/v1/namespaces/nats-system/pods/https:nats-broker-0:8222/proxy/leafz';
  const { leafs } = JSON.parse(lab.on('vm-a', `k get --raw ${path}`)) as { leafs: { name: string }[] };
  return leafs.map(({ name }) => name).sort();
};

/** No gap and no duplicate in what the subscriber printed since the given message. */
function expectWhole(numbers: number[], since: number): void {
  const seen = numbers.slice(numbers.indexOf(since));
  expect(seen).toEqual(seen.map((_, index) => since + index));
}

beforeAll(async () => {
  await lab.up();
  bare = onEach(['vm-a', 'vm-b'], bareHost);
}, 1_800_000);

afterAll(lab.remove, 120_000);

const gatewayTitle = async (): Promise<string | undefined> =>
  resultsOf((await lab.verify()).verification).find(({ id }) => id === 'gateway-reachable')?.title;

test('a worker that is killed while the clusters are linked: the next provision continues, behind a NodePort', async () => {
  const file = mesh('nodePort');
  await lab.cli.mustRun('provision', '-f', file, '--detach');
  const hub = clusterWorkflowId(lab.name, 'cluster-a');
  await untilAtWork(await lab.temporal(), lab.name, { workflowId: hub, activityId: 'gateway' });
  lab.killWorker();
  expect(await lab.provision(file)).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect(await gatewayTitle()).toContain(':30143');
}, 600_000);

test('a second run changes nothing on any host', async () => {
  const look = (): string[][] => [
    ...onEach(['vm-a', 'vm-b'], provisionedHost),
    ...onEach(['vm-a', 'vm-b'], meshObjects),
  ];
  const first = look();
  expect(await lab.provision(mesh('nodePort'))).toMatchObject({ changed: NOTHING, checks: ALL_PASS });
  expect(look()).toEqual(first);
}, 600_000);

test('a cluster joins, and the others lose no message', async () => {
  await messagesFlow(lab);
  const [broker, since, bundle] = [brokerPod(), received(lab, 'vm-b').at(-1) ?? 0, lab.bundle()];
  await lab.cli.mustRun('lab', 'up', '--yes', '--hosts', '3');
  expect(lab.bundle()).toBe(bundle);
  expect(await lab.provision(mesh('nodePort', ALL))).toMatchObject({ state: 'done', checks: ALL_PASS });
  await messagesFlow(lab, 'vm-c');
  await messagesFlow(lab, 'vm-b');
  expect(brokerPod()).toBe(broker);
  expect(linkedLeaves()).toEqual(ALL.map((cluster) => `leaf-${cluster}`));
  expectWhole(received(lab, 'vm-b'), since);
}, 600_000);

/** As docs/accounts.md and docs/streams.md have them, with an account that gets some messages of the other. */
const ACCOUNTS = [
  {
    name: 'ORDERS',
    subjects: ['orders.{cluster}.>', 'orders.ack.{cluster}'],
    users: [
      {
        name: 'plc',
        at: ['each-leaf'],
        publish: ['orders.{cluster}.>'],
        subscribe: ['orders.ack.{cluster}'],
        secretIn: ['orders-app'],
      },
      { name: 'erp', at: ['broker'], subscribe: ['orders.>'], publish: ['orders.ack.>'], consume: ['OUTBOX'] },
      {
        name: 'audit',
        at: ['outside'],
        subscribe: ['orders.>'],
        publish: ['orders.ack.>'],
        consume: ['OUTBOX'],
      },
    ],
    streams: [
      { name: 'ACKS', subjects: ['orders.ack.>'], at: 'broker', maxAge: '72h' },
      { name: 'OUTBOX', subjects: ['orders.{cluster}.>'], at: 'each-leaf', mirrorTo: 'broker', maxBytes: '256Mi' },
    ],
    exports: [{ stream: 'orders.*.done', to: ['BILLING'] }],
  },
  { ...BILLING, users: [...BILLING.users, { name: 'desk', at: ['cluster-c'], subscribe: ['bills.cluster-c'] }] },
];
const natsPods = (): string[] =>
  ['vm-a', 'vm-b', 'vm-c'].map((host) =>
    lab.on(
      host,
      "k -n nats-system get pods -o jsonpath='{.items[*].metadata.uid} {.items[*].status.containerStatuses[*].restartCount}'",
    ),
  );
/** The nats CLI of the bundle, on this machine. */
async function natsAs(cluster: string, user: string, ...args: string[]): Promise<string> {
  const cli = lab.cli.finding(`${lab.bundle() ?? ''}/cli`);
  const file = mesh('nodePort', ALL, ACCOUNTS);
  return (await cli.mustRun('nats', cluster, '--user', user, '-f', file, '--', ...args)).stdout;
}
const secretsOfUsers = (host: string): string => lab.on(host, 'k -n orders-app get secrets -o name').trim();

test('an account, a user and the first streams come and go: no pod restarts, no message is lost, and every rule holds on the wire', async () => {
  const [pods, since, file] = [natsPods(), received(lab, 'vm-b').at(-1) ?? 0, mesh('nodePort', ALL, ACCOUNTS)];
  expect(await lab.provision(file)).toMatchObject({ state: 'done', checks: ALL_PASS });
  const proven = resultsOf((await lab.verify()).verification).filter(({ id }) => /^(account|stream)/.test(id));
  expect(proven.map(({ id, verdict }) => `${id} ${verdict.state}`).sort()).toEqual([
    'account-links-hold pass',
    'account-links-hold pass',
    'accounts-cross pass',
    'accounts-cross pass',
    'accounts-hold pass',
    'streams-copied pass',
    'streams-copied pass',
    'streams-kept pass',
    'streams-kept pass',
    'streams-kept pass',
    'streams-known pass',
    'streams-known pass',
    'streams-known pass',
    'streams-readable pass',
    'streams-readable pass',
  ]);
  await natsAs('cluster-b', 'ORDERS/plc', 'pub', 'orders.cluster-b.n', 'order {{Count}}', '--count', '20');
  await eventually('the copy has what the leaf cluster keeps, and nothing of checks', async () =>
    (await natsAs('cluster-a', 'ORDERS/erp', 'consumer', 'info', 'OUTBOX-cluster-b', 'erp', '--json')).includes(
      '"num_pending": 20',
    ),
  );
  const audit = await outsideClient(lab, file, 'ORDERS/audit');
  // The nats command exits with 1 after its last reply. The stream ACKS acknowledges the request too.
  const answering = natsAs('cluster-b', 'ORDERS/plc', 'reply', 'orders.ack.cluster-b', 'pong', '--count', '1').catch(
    String,
  );
  await eventually('a request from outside reaches the leaf cluster, and its reply comes back', async () =>
    (
      await audit('request', 'orders.ack.cluster-b', 'ping', '--raw', '--replies', '2', '--reply-timeout', '5s')
    ).includes('pong'),
  );
  await answering;
  const read = await audit('consumer', 'next', 'OUTBOX-cluster-b', 'audit', '--count', '20', '--raw');
  expect(read.match(/order \d+/g)).toEqual(Array.from({ length: 20 }, (_, index) => `order ${index + 1}`));
  const { measured } = JSON.parse((await lab.cli.mustRun('bench', '-f', file, '--quick', '--json')).stdout) as {
    measured: { messagesPerSecond?: number }[];
  };
  expect(measured.filter(({ messagesPerSecond = 0 }) => messagesPerSecond > 0)).toHaveLength(11);
  expect((await lab.cli.run('teardown', lab.name, '--yes')).stderr).toContain(
    'cluster-b: stream OUTBOX of account ORDERS holds 20 messages',
  );
  expect(secretsOfUsers('vm-b')).toBe('secret/nats-orders-plc');
  const without = mesh('nodePort', ALL);
  expect((await lab.cli.run('plan', '-f', without)).stderr).toContain(
    'vm-b: the topology does not have the account: stream OUTBOX of account ORDERS holds 20 messages',
  );
  await lab.cli.mustRun('provision', '-f', without, '--delete-data');
  expect(await lab.provision(without)).toMatchObject({ changed: NOTHING, checks: ALL_PASS });
  expect(secretsOfUsers('vm-b')).toBe('');
  expect(natsPods()).toEqual(pods);
  expectWhole(received(lab, 'vm-b'), since);
}, 600_000);

test('a cluster leaves: it is cut off and does not come back, and the others lose no message', async () => {
  const [broker, since] = [brokerPod(), received(lab, 'vm-b').at(-1) ?? 0];
  expect(await lab.provision(mesh('nodePort'))).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect(lab.on('vm-a', 'k -n linkerd-multicluster get serviceaccount -o name')).not.toContain('link-cluster-c');
  const log = 'k -n nats-system logs nats-leaf-0 -c nats --tail=-1';
  await eventually('its leaf node is refused', () => /authorization violation/i.test(lab.on('vm-c', log)));
  expect(linkedLeaves()).toEqual(['leaf-cluster-b']);
  expect(brokerPod()).toBe(broker);
  await messagesFlow(lab, 'vm-b');
  expectWhole(received(lab, 'vm-b'), since);
}, 600_000);

test('a gateway that moves takes the link along', async () => {
  expect(await lab.provision(mesh('loadBalancer'))).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect(await stepsTaken(await lab.temporal(), lab.name)).toContain(
    'cluster-b link: restart Deployment/linkerd-multicluster/controller-cluster-a',
  );
  expect(await gatewayTitle()).toContain(':4143');
  await messagesFlow(lab, 'vm-b');
}, 600_000);

test('no private key, token or kubeconfig is in a history or a log', async () => {
  const texts = [...(await everyHistory(lab.temporalAddress(), lab.stateDir)).texts, ...lab.logs()];
  expect(texts.some((text) => text.includes('connection of leaf-cluster-c'))).toBe(true);
  expect(texts.flatMap(secretsIn)).toEqual([]);
}, 600_000);

test('teardown leaves the hosts as they were', async () => {
  await lab.cli.mustRun('teardown', lab.name, '--yes');
  expect(onEach(['vm-a', 'vm-b'], bareHost)).toEqual(bare);
}, 600_000);
