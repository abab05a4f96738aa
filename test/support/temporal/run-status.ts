import type { EntryStatus, LeafCounts, LeafRow, PhaseStatus, RunStatus } from '../../../src/contract/status.js';

/** A moment of a run, 12 s after its start: the hub is at work with a retry, its leaf waits for K3s. */
export const START = 1_800_000_000_000;
export const NOW = START + 12_300;

const done = (id: string, title: string, from: number, to: number, more: Partial<EntryStatus> = {}): EntryStatus => ({
  ...{ id, title, state: 'done', startedAt: START + from, endedAt: START + to },
  ...more,
});

const on = (cluster: string): Pick<EntryStatus, 'cluster' | 'host'> => ({
  cluster,
  host: cluster.replace('cluster', 'vm'),
});

const pending = (...names: PhaseStatus['name'][]): PhaseStatus[] =>
  names.map((name) => ({ name, state: 'pending', entries: [] }));

const running = (...names: PhaseStatus['name'][]): PhaseStatus[] =>
  names.map((name) => ({ name, state: 'running', startedAt: START + 2_100, entries: [] }));

const EMPTY = { children: [], failedChecks: [], refusals: [], failedLeaves: [] };

export const leafCounts = (counts: Partial<LeafCounts> = {}): LeafCounts => ({
  ...{ total: 1, pending: 0, running: 0, done: 0, failed: 0, unchanged: 0, skipped: 0 },
  ...counts,
});

export const RUN: RunStatus = {
  ...EMPTY,
  topology: 'plant-7',
  state: 'running',
  planDigest: '81aa'.repeat(16),
  planCounts: { create: 24, change: 0, delete: 0 },
  planWorkflowId: 'provision-plant-7/.plan',
  phases: [
    {
      name: 'preflight',
      state: 'done',
      startedAt: START,
      endedAt: START + 2_100,
      entries: [done('plan', 'look at every host and plan', 0, 2_100)],
    },
    ...running('pki', 'clusters', 'link', 'messaging', 'verify'),
  ],
  children: ['provision-plant-7/cluster-a', 'provision-plant-7/cluster-b'],
  leaves: leafCounts({ running: 1 }),
};

export const HUB: RunStatus = {
  ...EMPTY,
  ...{ topology: 'plant-7', cluster: 'cluster-a', state: 'running' },
  phases: [
    ...pending('preflight'),
    {
      name: 'pki',
      state: 'done',
      startedAt: START + 2_100,
      endedAt: START + 3_000,
      entries: [done('pki', 'issue certificates', 2_100, 3_000, { ...on('cluster-a'), changed: 6 })],
    },
    {
      name: 'clusters',
      state: 'running',
      startedAt: START + 3_000,
      entries: [
        done('k3s-files', 'ship K3s', 3_000, 6_000, { ...on('cluster-a'), changed: 3 }),
        {
          ...{ id: 'k3s', title: 'install and start K3s', ...on('cluster-a') },
          ...{ state: 'running', startedAt: START + 6_000 },
        },
      ],
    },
    ...pending('link', 'messaging', 'verify'),
  ],
};

export const LEAF: RunStatus = {
  ...EMPTY,
  ...{ topology: 'plant-7', cluster: 'cluster-b', state: 'running' },
  phases: [
    ...pending('preflight', 'pki'),
    {
      name: 'clusters',
      state: 'done',
      startedAt: START + 3_000,
      endedAt: START + 9_500,
      entries: [
        done('k3s-files', 'ship K3s', 3_000, 6_000, { ...on('cluster-b'), changed: 3 }),
        done('k3s', 'install and start K3s', 6_000, 9_500, { ...on('cluster-b'), changed: 1 }),
      ],
    },
    ...pending('link', 'messaging', 'verify'),
  ],
};

/** Twelve leaves: two done, one failed, one running, the others waiting. */
export const FLEET_ROWS: LeafRow[] = [
  { cluster: 'cluster-b', state: 'done', startedAt: START + 2_100, endedAt: START + 9_500, changed: 17 },
  {
    cluster: 'cluster-c',
    state: 'done',
    startedAt: START + 2_100,
    endedAt: START + 9_900,
    changed: 17,
    failedChecks: 1,
  },
  {
    cluster: 'cluster-d',
    state: 'failed',
    startedAt: START + 2_100,
    endedAt: START + 11_000,
    error: { code: 'SSH_UNREACHABLE', message: 'vm-d: no SSH response', docs: 'ssh-unreachable' },
  },
  { cluster: 'cluster-e', state: 'running', startedAt: START + 3_000 },
  ...Array.from('fghijklm').map((letter): LeafRow => ({ cluster: `cluster-${letter}`, state: 'pending' })),
];

export const FLEET_RUN: RunStatus = {
  ...RUN,
  leaves: leafCounts({ total: 12, done: 2, failed: 1, running: 1, pending: 8 }),
  failedLeaves: FLEET_ROWS.filter(({ state }) => state === 'failed'),
  children: ['provision-plant-7/cluster-a', 'provision-plant-7/cluster-e', 'provision-plant-7/cluster-d'],
};

const working: PhaseStatus = {
  name: 'clusters',
  state: 'running',
  startedAt: START + 3_000,
  entries: [
    {
      ...{ id: 'k3s', title: 'install and start K3s', cluster: 'cluster-e', host: 'vm-e' },
      ...{ state: 'running', startedAt: START + 6_000 },
    },
  ],
};

export const FLEET_LEAF: RunStatus = {
  ...LEAF,
  cluster: 'cluster-e',
  phases: LEAF.phases.map((phase) => (phase.name === 'clusters' ? working : phase)),
};
