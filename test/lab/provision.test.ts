import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { CheckResult } from '../../src/contract/checks.js';
import type { ProvisionResult } from '../../src/contract/runs.js';
import type { RunView } from '../../src/starters/watch/view.js';
import { temporalCli } from '../support/temporal-cli.js';
import { LeafspanCli } from '../support/leafspan-cli.js';
import { bareHost, overSsh, provisionedHost, type OnHost } from './host-snapshots.js';
import { everyHistory, secretsIn, watchCommandLines } from './secret-hunt.js';

/**
 * The main job on two real hosts, from bare to proven and back to bare. The tests build on each other and run in order.
 * Its lab, its state and its Temporal server are its own, so that it can run beside a person's.
 */
const HOSTS = ['vm-a', 'vm-b'];
const folder = mkdtempSync(join(tmpdir(), 'leafspan-e2e-'));
const stateDir = join(folder, 'state');
const labState = join(folder, 'lab');
const cli = new LeafspanCli({
  LEAFSPAN_STATE_DIR: stateDir,
  LEAFSPAN_LAB_NAME: 'e2e',
  LEAFSPAN_LAB_STATE: labState,
  LEAFSPAN_WORKER_IDLE_EXIT_S: '600',
});
let on: OnHost;
let before: Record<string, string[]>;
let topologyFile: string;
let temporal: string;

const onEach = (look: (on: OnHost, host: string) => string[]): Record<string, string[]> =>
  Object.fromEntries(HOSTS.map((host) => [host, look(on, host)]));
/** `status` of a run that failed ends with exit code 1 and prints it all the same. */
const statusOf = async (): Promise<RunView> => JSON.parse((await cli.run('status', 'e2e', '--json')).stdout) as RunView;
const stepStates = (status: RunView): Map<string, string> =>
  new Map(
    status.phases
      .flatMap(({ steps, clusters }) => [...steps, ...clusters.flatMap((cluster) => cluster.steps)])
      .map((step) => [step.id, step.state]),
  );

function gatedTopology(...approvals: string[]): string {
  const file = join(folder, 'gated.yaml');
  writeFileSync(file, stringify({ ...(parse(readFileSync(topologyFile, 'utf8')) as object), approvals }));
  return file;
}

/** Asks for the status until it is as wanted. */
async function statusWhen(wanted: (status: RunView) => boolean): Promise<RunView> {
  const deadline = Date.now() + 240_000;
  for (;;) {
    const status = await statusOf();
    if (wanted(status)) return status;
    if (Date.now() > deadline) throw new Error(`still not there: ${JSON.stringify([...stepStates(status)])}`);
    if (['done', 'failed', 'degraded'].includes(status.state)) throw new Error(`the run ended as ${status.state}`);
  }
}

function signalByTemporal(name: string, decision: object): void {
  const { port } = JSON.parse(readFileSync(join(stateDir, 'temporal', 'server.json'), 'utf8')) as { port: number };
  const target = ['--address', `127.0.0.1:${port}`, '--workflow-id', 'provision-e2e'];
  execFileSync(temporal, ['workflow', 'signal', ...target, '--name', name, '--input', JSON.stringify(decision)], {
    timeout: 30_000,
  });
}

beforeAll(async () => {
  temporal = await temporalCli();
  await cli.mustRun('lab', 'up', '--yes');
  topologyFile = join(labState, 'topology.yaml');
  const written = parse(readFileSync(topologyFile, 'utf8')) as {
    broker: { hosts: { ssh: { address: string; privateKeyFile: string } }[] };
    leaves: { hosts: { ssh: { address: string } }[] }[];
  };
  const [a, b] = [written.broker.hosts[0]?.ssh, written.leaves[0]?.hosts[0]?.ssh];
  on = overSsh(a?.privateKeyFile ?? '', { 'vm-a': a?.address ?? '', 'vm-b': b?.address ?? '' });
  before = onEach(bareHost);
}, 1_800_000);

afterAll(async () => {
  await cli.run('stop');
  await cli.run('lab', 'down');
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

test('a plan names what would change and changes nothing', async () => {
  const result = await cli.json<ProvisionResult>('provision', '--plan');
  expect(result.plan?.hosts.map(({ host, state }) => [host, state])).toEqual([
    ['vm-a', 'none'],
    ['vm-b', 'none'],
  ]);
  expect(onEach(bareHost)).toEqual(before);
}, 300_000);

test('one command ends with every check passing, and no secret in a command line', async () => {
  const stop = watchCommandLines();
  const result = await cli.json<ProvisionResult>('provision').finally(stop);
  const lines = [...stop()];
  expect(result.state).toBe('done');
  expect(result.checks.filter(({ verdict }) => verdict.state !== 'pass')).toEqual([]);
  expect(result.checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'message-broker-to-leaf',
      'message-leaf-to-broker',
      'subscriber-receives-publisher',
      'refuses-foreign-ca',
    ]),
  );
  expect(lines.some((line) => line.includes('k3s'))).toBe(true);
  expect(lines.filter((line) => secretsIn(line).length > 0)).toEqual([]);
}, 600_000);

test('a second run changes nothing on any host', async () => {
  const first = onEach(provisionedHost);
  const result = await cli.json<ProvisionResult>('provision');
  expect(result.changed).toEqual([]);
  expect(onEach(provisionedHost)).toEqual(first);
}, 300_000);

test('verify runs every check again', async () => {
  const checks = await cli.json<CheckResult[]>('verify', 'e2e');
  expect(checks.filter(({ verdict }) => verdict.state === 'pass')).toHaveLength(20);
}, 300_000);

test('a gated phase waits, goes on after an approval and ends the run after a rejection', async () => {
  const gated = gatedTopology('messaging', 'verify');
  await cli.mustRun('provision', '-f', gated, '--detach');
  const waiting = await statusWhen(({ waitingFor }) => waitingFor !== undefined);
  expect(waiting.waitingFor?.phase).toBe('messaging');
  expect(await cli.run('approve', 'link', 'e2e')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('APPROVAL_REFUSED') as unknown as string,
  });
  await cli.mustRun('approve', 'messaging', 'e2e', '--note', 'looks right');
  await statusWhen(({ waitingFor }) => waitingFor?.phase === 'verify');
  // The same signal from Temporal's own command line, as the Web UI sends it too.
  signalByTemporal('reject', { phase: 'verify', note: 'not today' });
  const ended = await cli.run('provision', '-f', gated, '--plan'); // a plan is free to run, whatever became of the last run
  expect(ended.code).toBe(0);
  expect(await cli.run('status', 'e2e')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not today') as unknown,
  });
}, 300_000);

test('teardown leaves the hosts as they were', async () => {
  await cli.mustRun('teardown', 'e2e', '--yes');
  expect(onEach(bareHost)).toEqual(before);
}, 300_000);

function killWorker(): void {
  const { pid } = JSON.parse(readFileSync(join(stateDir, 'worker', 'worker.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
}

async function endsAsIfNothingHappened(...args: string[]): Promise<void> {
  const result = await cli.json<ProvisionResult>('provision', ...args);
  expect(result.state).toBe('done');
  expect(result.checks.filter(({ verdict }) => verdict.state !== 'pass')).toEqual([]);
  await cli.mustRun('teardown', 'e2e', '--yes');
  expect(onEach(bareHost)).toEqual(before);
}

test("a run whose worker is killed in the middle of K3s's installation goes on with the next provision", async () => {
  await cli.mustRun('provision', '--detach');
  await statusWhen((status) => stepStates(status).get('k3s-ready') === 'running');
  killWorker();
  await endsAsIfNothingHappened();
}, 600_000);

test('a run whose worker is killed in the middle of messaging goes on with the next provision', async () => {
  const gated = gatedTopology('messaging');
  await cli.mustRun('provision', '-f', gated, '--detach');
  await statusWhen(({ waitingFor }) => waitingFor?.phase === 'messaging');
  on('vm-b', 'k3s kubectl --cache-dir /tmp/leafspan-test cordon vm-b'); // no pod starts: the step cannot end before the kill
  await cli.mustRun('approve', 'messaging', 'e2e');
  await statusWhen((status) => stepStates(status).get('leaf/cluster-b') === 'running');
  killWorker();
  on('vm-b', 'k3s kubectl --cache-dir /tmp/leafspan-test uncordon vm-b');
  await endsAsIfNothingHappened('-f', gated);
}, 600_000);

test('no private key, token or kubeconfig is in a history or a log', async () => {
  const { port } = JSON.parse(readFileSync(join(stateDir, 'temporal', 'server.json'), 'utf8')) as { port: number };
  const histories = await everyHistory(`127.0.0.1:${port}`);
  const logs = ['worker/worker.log', 'temporal/server.log'].map((file) => readFileSync(join(stateDir, file), 'utf8'));
  expect(histories.some((text) => text.includes('ensureK3s'))).toBe(true);
  expect([...histories, ...logs].flatMap(secretsIn)).toEqual([]);
}, 120_000);

test('purge deletes the keys', async () => {
  await cli.mustRun('teardown', 'e2e', '--yes', '--purge');
  expect((await cli.run('certs', 'list', 'e2e')).stdout).not.toContain('nats/ca');
}, 120_000);
