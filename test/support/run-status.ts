import type { RunStatus, StepStatus } from '../../src/contract/status.js';

/** A moment of a run, 12 s after its start: cluster-a is at work with a retry, cluster-b waits for its child. */
export const START = 1_800_000_000_000;
export const NOW = START + 12_300;

const done = (id: string, title: string, from: number, to: number, more: Partial<StepStatus> = {}): StepStatus => ({
  ...{ id, title, state: 'done', startedAt: START + from, endedAt: START + to },
  ...more,
});

export const PARENT: RunStatus = {
  topology: 'plant-7',
  state: 'running',
  planDigest: '81aa'.repeat(16),
  phases: [
    {
      name: 'preflight',
      state: 'done',
      startedAt: START,
      endedAt: START + 2_100,
      steps: [
        done('artifacts', 'read the list of artifacts', 0, 400),
        done('inspect/vm-a', 'inspect', 0, 1_900, { cluster: 'cluster-a', host: 'vm-a' }),
        done('inspect/vm-b', 'inspect', 0, 2_000, { cluster: 'cluster-b', host: 'vm-b' }),
      ],
    },
    {
      name: 'pki',
      state: 'done',
      startedAt: START + 2_100,
      endedAt: START + 3_000,
      steps: [done('pki', 'issue what is missing, reuse what is valid', 2_100, 3_000, { changed: ['a', 'b'] })],
    },
    {
      name: 'clusters',
      state: 'running',
      startedAt: START + 3_000,
      steps: ['cluster-a', 'cluster-b'].map((cluster) => ({
        id: `cluster/${cluster}`,
        title: 'provision the cluster',
        cluster,
        state: 'running',
        startedAt: START + 3_000,
      })),
    },
    { name: 'link', state: 'pending', steps: [] },
    { name: 'messaging', state: 'pending', steps: [] },
    { name: 'verify', state: 'pending', steps: [] },
  ],
  children: ['provision-plant-7/cluster-a', 'provision-plant-7/cluster-b'],
  checks: [],
  refusals: [],
  failedLeaves: [],
};

export const CHILD: RunStatus = {
  ...{ topology: 'plant-7', cluster: 'cluster-a', state: 'running' },
  phases: [
    {
      name: 'clusters',
      state: 'running',
      startedAt: START + 3_000,
      steps: [
        done('k3s-files', 'ship K3s', 3_000, 6_000, { cluster: 'cluster-a', host: 'vm-a', changed: ['shipped k3s'] }),
        {
          id: 'k3s',
          title: 'install and start K3s',
          ...{ cluster: 'cluster-a', host: 'vm-a', state: 'running', startedAt: START + 6_000 },
        },
      ],
    },
  ],
  ...{ children: [], checks: [], refusals: [], failedLeaves: [] },
};
