import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Worker } from '@temporalio/worker';
import { TASK_QUEUE } from '../../src/contract/names.js';
import { Cli, topologyFile, type Ran } from '../support/cli.js';
import { startTemporal, type TestTemporal } from '../support/temporal.js';
import { checkThat, PLAN_DIGEST, worldWith, type World } from '../support/world.js';

/** The command line against a real server and the real workflows; activities are in memory. */
let temporal: TestTemporal;
let worker: Worker;
let working: Promise<void>;
let cli: Cli;
let count = 0;

beforeAll(async () => {
  temporal = await startTemporal();
});

afterAll(() => temporal.close());

beforeEach(() => {
  count += 1;
  cli = new Cli({ TEMPORAL_ADDRESS: temporal.env.address });
});

afterEach(async () => {
  worker.shutdown();
  await working;
});

async function serve(world: World): Promise<void> {
  worker = await temporal.worker(TASK_QUEUE, world.activities);
  working = worker.run();
  const { workflowService } = temporal.env.client;
  const taskQueue = { name: TASK_QUEUE };
  // Until its poll is seen a command would start a worker of its own.
  for (;;) {
    const { pollers } = await workflowService.describeTaskQueue({ namespace: 'default', taskQueue });
    if (pollers.length > 0) return;
    await sleep(20);
  }
}

const name = (): string => `plant-${count}`;
const topology = (changes: object = {}): string =>
  cli.write('topology.yaml', topologyFile({ name: name(), ...changes }));

/** Asks until the phase waits. */
async function untilWaiting(phase: string): Promise<void> {
  for (;;) {
    const { code, stdout } = await cli.run('status', name(), '--json');
    const { waitingFor } = code === 0 ? (JSON.parse(stdout) as { waitingFor?: { phase: string } }) : {};
    if (waitingFor?.phase === phase) return;
    await sleep(50);
  }
}

test('provision shows the steps, sums up and remembers the topology', async () => {
  await serve(worldWith());
  const { code, stdout, stderr } = await cli.run('provision', '-f', topology());
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/clusters {2}cluster-b {2}install and start K3s: done/);
  expect(stderr).toMatch(new RegExp(`${name()} is up, every check holds`));
  expect(stderr).toContain('checks     1 passed, 0 failed');
  const { stdout: status } = await cli.run('status');
  expect(status).toContain(`${name()} done`);
});

test('a failed check degrades the run: exit code 1, with its reason', async () => {
  await serve(worldWith({ runChecks: () => Promise.resolve({ results: [checkThat('fail')] }) }));
  const { code, stderr } = await cli.run('provision', '-f', topology());
  expect(code).toBe(1);
  expect(stderr).toContain('because: no link\n      docs: docs/troubleshooting.md#leaf-linked (leaf-linked)');
});

test('--json puts the result alone on stdout', async () => {
  await serve(worldWith());
  const { stdout } = await cli.run('provision', '-f', topology(), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ state: 'done', plan: { digest: PLAN_DIGEST } });
});

test('plan prints what would change, host by host, and changes nothing', async () => {
  const world = worldWith();
  await serve(world);
  const { code, stdout } = await cli.run('plan', '-f', topology());
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `vm-a in cluster-a: bare\n  + install K3s\nvm-b in cluster-b: bare\n  + install K3s\nplan digest ${PLAN_DIGEST}\n`,
  });
  expect(world.texts()).not.toContain('ensurePki');
});

test('an approval of the phase that waits lets the run go on; others are refused', async () => {
  await serve(worldWith());
  const run = cli.run('provision', '-f', topology({ approvals: ['link'] }));
  await untilWaiting('link');
  const refused = await cli.run('approve', 'verify', name());
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('phase "verify" does not wait; "link" does');
  expect((await cli.run('approve', 'link', name(), '--note', 'looks right')).code).toBe(0);
  const { code, stderr } = await run;
  expect(code).toBe(0);
  expect(stderr).toContain('link  approved by ada@desk: looks right');
  expect((await cli.run('status', name())).stdout).toContain('approved by ada@desk: looks right');
});

test('a rejection ends the run with its reason and who gave it', async () => {
  await serve(worldWith());
  const run = cli.run('provision', '-f', topology({ approvals: ['link'] }));
  await untilWaiting('link');
  await cli.run('reject', 'link', name(), '--note', 'not today');
  const { code, stderr } = await run;
  expect(code).toBe(1);
  expect(stderr).toMatch(/rejected by ada@desk: not today\n[^]*\(APPROVAL_REJECTED\)/);
});

test('a second provision attaches to the run in progress; with another topology it is refused', async () => {
  await serve(worldWith());
  const file = topology({ approvals: ['link'] });
  const first = cli.run('provision', '-f', file);
  await untilWaiting('link');
  const other = cli.write('other.yaml', topologyFile({ name: name(), approvals: ['verify'] }));
  const refused = await cli.run('provision', '-f', other);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('(RUN_IN_PROGRESS)');
  const second = cli.run('provision', '-f', file);
  await cli.run('approve', 'link', name());
  const ends: Ran[] = await Promise.all([first, second]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
});

test('teardown is refused while the topology is being provisioned, and cancels the run when told to', async () => {
  await serve(worldWith());
  const run = cli.run('provision', '-f', topology({ approvals: ['link'] }));
  await untilWaiting('link');
  expect((await cli.run('teardown', name(), '--yes')).stderr).toMatch(/is being provisioned\nhint: [^]*--cancel-run/);
  const { code, stderr } = await cli.run('teardown', name(), '--yes', '--cancel-run', '--purge');
  expect(code).toBe(0);
  expect(stderr).toContain(`${name()} is removed`);
  const cancelled = await run;
  expect(cancelled.code).toBe(1);
  expect(cancelled.stderr).toContain('the run was cancelled');
  expect((await cli.run('status', name())).stderr).toContain('(TOPOLOGY_UNKNOWN)');
});

test('verify prints every check on stdout', async () => {
  await serve(worldWith());
  const { code, stdout } = await cli.run('verify', '-f', topology());
  expect(code).toBe(0);
  expect(stdout).toContain('✔ cluster-b  the leaf node holds its link to the broker');
});
