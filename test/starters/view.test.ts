import { expect, test } from '@jest/globals';
import { joinRun, stepsOf } from '../../src/starters/watch/view.js';
import { CHILD, PARENT } from '../support/run-status.js';

const noRetries = new Map();

test('steps of a child stand below its cluster', () => {
  const run = joinRun({ workflowId: 'provision-plant-7', status: PARENT, retries: noRetries }, [
    { workflowId: 'provision-plant-7/cluster-a', status: CHILD, retries: noRetries },
  ]);
  const clusters = run.phases.find(({ name }) => name === 'clusters')?.clusters ?? [];
  expect(clusters.map(({ cluster, steps }) => [cluster, steps.map(({ id }) => id)])).toEqual([
    ['cluster-a', ['k3s-files', 'k3s']],
    ['cluster-b', []],
  ]);
});

test('a pending attempt is told of the step that it belongs to, while the step runs', () => {
  const retry = { attempt: 3, lastError: 'connection refused' };
  const retries = new Map([
    ['k3s', retry],
    ['k3s-files', retry],
  ]);
  const run = joinRun({ workflowId: 'provision-plant-7', status: PARENT, retries: noRetries }, [
    { workflowId: 'provision-plant-7/cluster-a', status: CHILD, retries },
  ]);
  expect(run.phases.flatMap(stepsOf).flatMap(({ id, retry: shown }) => (shown === undefined ? [] : [id]))).toEqual([
    'k3s',
  ]);
});

test('a cluster whose child does not answer shows its own failure', () => {
  const failed = {
    ...PARENT,
    phases: PARENT.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) =>
        step.cluster === 'cluster-b' && step.host === undefined
          ? { ...step, state: 'failed' as const, error: { code: 'K3S_NOT_READY', message: 'no answer' } }
          : step,
      ),
    })),
  };
  const run = joinRun({ workflowId: 'provision-plant-7', status: failed, retries: noRetries }, []);
  expect(run.phases.flatMap(stepsOf).find(({ error }) => error !== undefined)?.error?.code).toBe('K3S_NOT_READY');
});
