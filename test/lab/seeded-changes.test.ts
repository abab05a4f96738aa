import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stepsTaken } from './support/histories.js';
import { edge } from './support/edge.js';
import { MeshLab } from './support/mesh-lab.js';
import type { SeededChange } from './seeded/change.js';
import {
  BINARY_AND_A_LOST_UNIT,
  CONFIGURATION_AND_BINARY_GONE,
  FILES_AND_A_STOPPED_UNIT,
} from './seeded/host-changes.js';
import { CERTIFICATES, LINK_AND_POLICY, LINKERD } from './seeded/mesh-changes.js';
import { DELETED, FIELDS } from './seeded/object-changes.js';
import { plannedSteps } from './support/system-lab.js';

/**
 * What the plan names is what provision changes: a system is changed by hand in many places, round by round. One lab for
 * both link modes: the second one is what the first system becomes by another topology.
 */
const NAME = 'seeded';
const lab = new MeshLab(NAME);

const sorted = (steps: Iterable<string>): string[] => [...new Set(steps)].sort();

/** A script that fails fails the test. */
function seed(changes: readonly SeededChange[]): void {
  const scriptFor = (place: SeededChange['on']): string =>
    ['set -e', ...changes.filter(({ on }) => on === place).map(({ break: script }) => `( ${script} ) >/dev/null`)].join(
      '\n',
    );
  lab.on('vm-a', scriptFor('vm-a'));
  lab.on('vm-b', scriptFor('vm-b'));
  execFileSync('bash', { cwd: lab.secrets, input: scriptFor('machine') });
}

async function expectPlanIsWork(file: string, changes: readonly SeededChange[]): Promise<void> {
  seed(changes);
  const planned = sorted(plannedSteps((await lab.plan(file)).plan));
  const { state, checks } = await lab.provision(file);
  const taken = sorted(await stepsTaken(await lab.temporal(), NAME));
  const { code, plan: left } = await lab.plan(file);
  expect({ planned, taken, state, failed: checks.failed, code, left: plannedSteps(left) }).toEqual({
    planned: sorted(changes.flatMap(({ steps }) => steps)),
    taken: planned,
    ...{ state: 'done', failed: 0, code: 0, left: [] },
  });
}

beforeAll(() => lab.up(), 1_800_000);
afterAll(lab.remove, 120_000);

describe('in link mode direct', () => {
  let file: string;

  beforeAll(async () => {
    file = lab.topologyWith('direct', { link: { mode: 'direct' } });
    await lab.provision(file);
  }, 600_000);

  test.each([
    ['files, and a stopped unit', FILES_AND_A_STOPPED_UNIT],
    ['a binary, and a lost unit', BINARY_AND_A_LOST_UNIT],
    ['fields of objects, a lost configuration and a lost binary', [...FIELDS, ...CONFIGURATION_AND_BINARY_GONE]],
    ['deleted objects', DELETED],
  ])('the plan is the work: %s', (_, changes) => expectPlanIsWork(file, changes), 600_000);

  edge(lab, (nats) => lab.topologyWith('edge', { link: { mode: 'direct' }, nats: { ...lab.written().nats, ...nats } }));
});

describe('in link mode mesh', () => {
  let file: string;

  beforeAll(async () => {
    file = lab.mesh('loadBalancer');
    await lab.provision(file);
  }, 600_000);

  test.each([
    ['objects of Linkerd', LINKERD],
    ['the link, its policy and certificates', [...LINK_AND_POLICY, ...CERTIFICATES]],
  ])('the plan is the work: %s', (_, changes) => expectPlanIsWork(file, changes), 600_000);

  edge(lab, (nats) => lab.mesh('loadBalancer', undefined, undefined, nats));
});
