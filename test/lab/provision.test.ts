import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  clusterWorkflowId,
  provisionWorkflowId,
  runPlanWorkflowId,
  runVerifyWorkflowId,
} from '../../src/contract/names.js';
import { temporalCli } from '../support/cli/temporal-cli.js';
import { untilAtWork } from './support/histories.js';
import { kubernetesAccess } from './support/kubernetes-access.js';
import { localStorage } from './support/local-storage.js';
import { bareHost, provisionedHost } from './support/host-snapshots.js';
import { quickstart } from './documents/quickstart.js';
import { access } from './support/access.js';
import { addressOfNothing, causesOfARun, causesOfBareHosts } from './permanent/permanent-causes.js';
import { networkPolicies } from './support/network-policies.js';
import { everyHistory, secretsIn, watchCommandLines } from './support/secret-hunt.js';
import { toolsAt } from './support/tools.js';
import { ALL_PASS, NOTHING, SystemLab } from './support/system-lab.js';
import { closeByNft, closeByUfw, plantLinked, plantMounted } from './support/there-before.js';

/** The main job on two real hosts, from bare to proven and back to bare. The tests build on each other and run in order. */
const NAME = 'e2e';
const HOSTS = ['vm-a', 'vm-b'];
const lab = new SystemLab(NAME);
const { cli, on } = lab;

let bare: string[][];
let closed: string[][];
let managed: string;
let temporal: string;

const onEach = (look: (on: typeof lab.on, host: string) => string[]): string[][] =>
  HOSTS.map((host) => look(lab.on, host));

function signalByTemporal(name: string, decision: object): void {
  const target = ['--address', lab.temporalAddress(), '--workflow-id', provisionWorkflowId(NAME)];
  execFileSync(temporal, ['workflow', 'signal', ...target, '--name', name, '--input', JSON.stringify(decision)], {
    timeout: 30_000,
  });
}

beforeAll(async () => {
  temporal = await temporalCli();
  await lab.up();
  plantLinked(on, 'vm-a');
  plantMounted(on, 'vm-b');
}, 1_800_000);

afterAll(lab.remove, 120_000);

const namesAddressOfNothing = addressOfNothing(lab);

causesOfBareHosts(lab);

test('a plan of bare hosts names what will be created, and changes nothing', async () => {
  bare = onEach(bareHost);
  const { code, plan } = await lab.plan();
  expect({ code, states: plan.plans.map(({ host, state }) => [host, state]) }).toEqual({
    code: 3,
    states: [
      ['vm-a', 'none'],
      ['vm-b', 'none'],
    ],
  });
  expect(plan.counts).toEqual({ create: expect.any(Number) as unknown, change: 3, delete: 0 }); // K3s starts on both, and vm-b has a configuration
  expect(onEach(bareHost)).toEqual(bare);
}, 300_000);

test('one command ends with every check passing, and no secret in a command line', async () => {
  const stop = watchCommandLines();
  const { state, checks } = await lab.provision().finally(stop);
  const lines = [...stop()];
  expect({ state, checks }).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect(lines.some((line) => line.includes('k3s'))).toBe(true);
  expect(lines.filter((line) => secretsIn(line).length > 0)).toEqual([]);
}, 600_000);

test('a second run has nothing to do and changes nothing on any host', async () => {
  const first = onEach(provisionedHost);
  expect(await lab.provision()).toMatchObject({ state: 'done', changed: NOTHING, checks: ALL_PASS });
  expect(onEach(provisionedHost)).toEqual(first);
  expect(await cli.run('plan')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') as unknown });
}, 300_000);

test('verify runs every check again', async () => {
  const { code, verification } = await lab.verify();
  expect({ code, checks: verification.checks }).toMatchObject({ code: 0, checks: ALL_PASS });
  const ids = verification.clusters.flatMap(({ results }) => results.map(({ id }) => id));
  expect(verification.checks.passed).toBe(ids.length);
  expect(ids).toEqual(
    expect.arrayContaining([
      'message-broker-to-leaf',
      'message-leaf-to-broker',
      'subscriber-receives-publisher',
      'refuses-foreign-ca',
    ]),
  );
}, 300_000);

test.each(HOSTS)(
  'the tools work for the login user of %s',
  async (host) => {
    expect(await toolsAt(lab, host, 'linkerd version')).toEqual([
      `node/${host}`,
      expect.stringContaining('version.BuildInfo{Version:"v4.'),
      'Client version: double',
      'Server version: unavailable',
      expect.stringMatching(/^v?0\.\d+\.\d+$/),
      'Smallstep CLI/double (linux/amd64)',
    ]);
  },
  60_000,
);

networkPolicies(lab);

access(lab);

causesOfARun(lab);

localStorage(lab);

test('a gated phase waits, continues after an approval, and a rejection ends the run', async () => {
  const gated = lab.topologyWith('gated', { approvals: ['messaging', 'verify'] });
  on('vm-b', 'k -n nats-system delete deployment subscriber');
  await cli.mustRun('provision', '-f', gated, '--detach');
  await lab.statusWhen('messaging waits', ({ waitingFor }) => waitingFor?.phase === 'messaging');
  expect(await cli.run('approve', 'link', NAME, '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('APPROVAL_REFUSED') as unknown,
  });
  expect(await cli.mustRun('approve', 'messaging', NAME, '--yes', '--note', 'looks right')).toMatchObject({
    stderr: expect.stringContaining('create Deployment/subscriber') as unknown,
  });
  await lab.statusWhen('verify waits', ({ waitingFor }) => waitingFor?.phase === 'verify');
  // The same signal from Temporal's own command line, as the Web UI sends it too.
  signalByTemporal('reject', { phase: 'verify', note: 'not today' });
  // A plan is free to run, whatever became of the last run.
  expect((await lab.plan(gated)).code).toBe(0);
  expect(await cli.run('status', NAME)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not today') as unknown,
  });
}, 300_000);

test('teardown leaves the hosts as they were', async () => {
  await cli.mustRun('teardown', NAME, '--yes');
  expect(onEach(bareHost)).toEqual(bare);
}, 300_000);

quickstart(lab);

test('firewalls of the hosts let in SSH only, also from pods', () => {
  closeByUfw(on, 'vm-a');
  closeByNft(on, 'vm-b');
  closed = onEach(bareHost);
  managed = lab.topologyWith('managed', { firewall: 'manage' });
  expect(closed).not.toEqual(bare);
}, 60_000);

const HUB = clusterWorkflowId(NAME, 'cluster-a');
const LEAF = clusterWorkflowId(NAME, 'cluster-b');

/** The first one finds bare hosts whose firewalls it has to open, the others what the one before has built. */
const KILLS: {
  phase: string;
  /** What the run finds, so that the phase has work to do. */
  before: () => unknown;
  at: { workflowId: string; activityId: string };
}[] = [
  { phase: 'clusters', before: () => undefined, at: { workflowId: HUB, activityId: 'k3s' } },
  {
    phase: 'preflight',
    before: () => undefined,
    at: { workflowId: runPlanWorkflowId(NAME), activityId: 'plan/cluster-b' },
  },
  {
    phase: 'pki',
    before: () => rmSync(join(lab.secrets, 'nats/broker/server.crt')),
    at: { workflowId: HUB, activityId: 'certificates' },
  },
  {
    phase: 'link',
    before: () => on('vm-a', 'k -n nats-system delete statefulset nats-broker'),
    at: { workflowId: HUB, activityId: 'broker' },
  },
  {
    phase: 'messaging',
    before: () => on('vm-b', 'k -n nats-system delete statefulset nats-leaf'),
    at: { workflowId: LEAF, activityId: 'leaf-node' },
  },
  {
    phase: 'verify',
    before: () => undefined,
    at: { workflowId: runVerifyWorkflowId(NAME), activityId: 'checks/cluster-b' },
  },
];

test.each(KILLS)(
  'a worker that is killed in phase $phase: the next provision completes the run, and a further one has nothing to do',
  async ({ before, at }) => {
    before();
    await cli.mustRun('provision', '-f', managed, '--detach');
    await untilAtWork(await lab.temporal(), NAME, at);
    lab.killWorker();
    expect(await lab.provision(managed)).toMatchObject({ state: 'done', checks: ALL_PASS });
    expect(await lab.provision(managed)).toMatchObject({ state: 'done', changed: NOTHING, checks: ALL_PASS });
  },
  600_000,
);

kubernetesAccess(lab);

test('no private key, token or kubeconfig is in a history or a log', async () => {
  const { sealed, texts } = await everyHistory(lab.temporalAddress(), lab.stateDir);
  // Types stay readable for the server; what they are given does not.
  expect(sealed.some((text) => text.includes('ensure k3s'))).toBe(true);
  expect([sealed, texts].map((all) => all.some((text) => text.includes('privateKeyFile')))).toEqual([false, true]);
  expect([...texts, ...lab.logs()].flatMap(secretsIn)).toEqual([]);
}, 120_000);

test('teardown with purge leaves the hosts, and the listings of both firewalls, as they were, and deletes the keys', async () => {
  await cli.mustRun('teardown', NAME, '--yes', '--purge');
  expect(onEach(bareHost)).toEqual(closed);
  expect((await cli.run('certs', 'list', NAME)).stdout).not.toContain('nats/ca');
}, 300_000);

namesAddressOfNothing();
