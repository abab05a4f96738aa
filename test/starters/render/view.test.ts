import { describe, expect, test } from '@jest/globals';
import type { RunStatus } from '../../../src/contract/status.js';
import { entriesOf, joinRun, type Retries, type RunView } from '../../../src/starters/watch/view.js';
import { FLEET_LEAF, FLEET_RUN, HUB, LEAF, RUN } from '../../support/temporal/run-status.js';

const answer = (status: RunStatus, retries: Retries = new Map()) => ({
  workflowId: status.cluster === undefined ? 'provision-plant-7' : `provision-plant-7/${status.cluster}`,
  status,
  retries,
});

const statesOf = (run: RunView): string => run.phases.map(({ name, state }) => `${name} ${state}`).join(', ');

test('entries of a child stand below its cluster in the phase that they belong to', () => {
  const run = joinRun(answer(RUN), [answer(HUB), answer(LEAF)]);
  const clusters = run.phases.find(({ name }) => name === 'clusters')?.clusters ?? [];
  expect(clusters.map(({ cluster, entries }) => [cluster, entries.map(({ id }) => id)])).toEqual([
    ['cluster-a', ['k3s-files', 'k3s']],
    ['cluster-b', ['k3s-files', 'k3s']],
  ]);
});

test('entries of a child without a cluster are those of the run', () => {
  const plan: RunStatus = {
    ...RUN,
    phases: [
      {
        name: 'preflight',
        state: 'running',
        entries: [{ id: 'plan/cluster-a', title: 'look at every part', state: 'running', startedAt: 1 }],
      },
    ],
  };
  const run = joinRun(answer(RUN), [{ ...answer(plan), workflowId: 'provision-plant-7/.plan' }]);
  expect(run.phases[0]?.entries.map(({ id }) => id)).toEqual(['plan', 'plan/cluster-a']);
});

test('a pending attempt is shown with the entry that it belongs to, while the entry runs', () => {
  const retry = { attempt: 3, lastError: 'connection refused' };
  const retries = new Map([
    ['k3s', retry],
    ['k3s-files', retry],
  ]);
  const run = joinRun(answer(RUN), [answer(HUB, retries)]);
  const retried = run.phases.flatMap(entriesOf).filter((entry) => entry.retry !== undefined);
  expect(retried.map(({ id }) => id)).toEqual(['k3s']);
});

const ended = (status: RunStatus): RunStatus => ({
  ...status,
  state: 'done',
  phases: status.phases.map((phase) => ({ ...phase, state: phase.entries.length > 0 ? 'done' : 'skipped' })),
});

describe('a phase is as far as the clusters in it', () => {
  test.each<[behaviour: string, children: RunStatus[], states: string]>([
    [
      'a cluster that is at work in it',
      [HUB, LEAF],
      'preflight done, pki done, clusters running, link pending, messaging pending, verify pending',
    ],
    [
      'clusters that have passed it',
      [ended(HUB), ended(LEAF)],
      'preflight done, pki done, clusters done, link pending, messaging pending, verify pending',
    ],
    [
      'no cluster that is known',
      [],
      'preflight done, pki running, clusters running, link running, messaging running, verify running',
    ],
  ])('%s', (_behaviour, children, states) => {
    expect(
      statesOf(
        joinRun(
          answer(RUN),
          children.map((child) => answer(child)),
        ),
      ),
    ).toBe(states);
  });
});

test('of a fleet whose hub had nothing to do the tree has no cluster', () => {
  const children = FLEET_RUN.children.slice(1);
  const rows = [{ cluster: 'cluster-e', state: 'running' as const }];
  const run = joinRun(answer({ ...FLEET_RUN, children }), [answer(FLEET_LEAF)], rows);
  expect(run.phases.flatMap(({ clusters }) => clusters)).toEqual([]);
});

test('of a fleet the tree has the hub only, and its leaves are lines', () => {
  const run = joinRun(answer(FLEET_RUN), [answer(HUB), answer(FLEET_LEAF)]);
  expect(run.phases.flatMap(({ clusters }) => clusters.map(({ cluster }) => cluster))).toEqual([
    'cluster-a',
    'cluster-a',
  ]);
  expect(run.clusters.map(({ cluster, now }) => [cluster, now?.title])).toEqual([
    ['cluster-a', 'install and start K3s'],
    ['cluster-e', 'install and start K3s'],
  ]);
});
