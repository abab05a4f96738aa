import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import { ModelledWorker } from '../../scripts/fleet/modelled-worker.js';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { ComposeStack } from '../support/compose/compose-stack.js';
import { composeService } from '../support/compose/compose-file.js';
import { TEMPORAL_SERVER_VERSION } from '../support/compose/temporal-programs.js';
import { untilPolled } from '../support/temporal/polled.js';

/**
 * Temporal on PostgreSQL as docker-compose.yml has it, with the real server: the product's worker over modelled hosts, and its
 * command line. The tests build on each other.
 */
const BUILD_MS = 15 * 60_000;
const PATIENCE_MS = 300_000;
const TWO_LEAVES = {
  leaves: ['b', 'c'].map((letter, index) => ({
    name: `cluster-${letter}`,
    hosts: [{ name: `vm-${letter}`, ssh: { address: `192.0.2.${20 + index}`, user: 'ubuntu' } }],
  })),
};

let stack: ComposeStack;
let worker: ModelledWorker;
let cli: Cli;
beforeAll(async () => {
  stack = await ComposeStack.start();
  cli = new Cli({ TEMPORAL_ADDRESS: stack.address });
  const world = { mode: 'direct', pace: { scale: 0, bytesPerSecond: 2_500_000_000 }, faults: {} } as const;
  mkdirSync(cli.stateDir);
  worker = await ModelledWorker.start({ directory: cli.stateDir, address: stack.address, world, profile: false });
  const connection = await Connection.connect({ address: stack.address });
  await untilPolled(connection.workflowService).finally(() => connection.close());
}, BUILD_MS);
afterAll(async () => {
  await worker.stop();
  await stack.stop();
}, PATIENCE_MS);

function provision(changes: object = {}, ...options: string[]): ReturnType<Cli['run']> {
  const file = cli.write('topology.yaml', topologyFile({ artifacts: { bundle: cli.folder }, ...changes }));
  return cli.run('provision', '-f', file, '--trust-on-first-use', ...options);
}

test.each(['temporal-schema', 'temporal', 'temporal-namespace'])(
  'the image of %s is of the version tried here',
  (name) => {
    expect(composeService(name).image.split(':')[1]).toBe(TEMPORAL_SERVER_VERSION);
  },
);

test(
  'the first run on a new server succeeds, and a second one changes nothing',
  async () => {
    expect((await provision()).stderr).toContain('plant-7 is up, every check passes');
    expect((await provision()).stderr).toContain('changes    nothing to do');
  },
  PATIENCE_MS,
);

test('what makes databases and namespace changes nothing when it runs again, as it does at each start', () => {
  expect(stack.run('temporal-schema')).toMatchObject({ code: 0 });
  expect(stack.run('temporal-namespace')).toMatchObject({
    code: 0,
    output: expect.stringContaining('720h0m0s') as unknown,
  });
});

test('PostgreSQL has the search attributes of the runs, and nothing else of them in clear', () => {
  const { postgresql } = stack;
  const found = "SELECT search_attributes FROM executions_visibility WHERE workflow_id = 'provision-plant-7'";
  expect(postgresql.query('temporal_visibility', found)).toMatch(/"Keyword\d+": "plant-7"/);
  const nodes = (text: string): string =>
    postgresql.query('temporal', `SELECT count(*) FROM history_node WHERE position('${text}'::bytea IN data) > 0`);
  expect([nodes('provision-plant-7'), nodes('192.0.2.20')]).toEqual([expect.stringMatching(/^[1-9]/), '0']);
});

test(
  'a server that is killed while a run is open continues it once it is back',
  async () => {
    expect(await provision(TWO_LEAVES, '--detach')).toMatchObject({ code: 0 });
    await stack.killServer();
    await stack.startServer();
    const { stderr, code } = await cli.run('status', 'plant-7', '--watch');
    expect(stderr).toMatch(/cluster-c {2}run the NATS leaf node: done/);
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);
