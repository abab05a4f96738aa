import { expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/contract/checks.js';
import { renderChecks } from '../../src/starters/terminal/checks.js';
import { renderError } from '../../src/starters/terminal/error.js';
import { renderPlan } from '../../src/starters/terminal/plan.js';
import { renderStatus } from '../../src/starters/commands/status/output.js';
import { PLAIN } from '../../src/starters/terminal/style.js';
import { renderSummary, type SummaryFacts } from '../../src/starters/commands/provision/output.js';
import { renderTable } from '../../src/starters/terminal/table.js';
import { renderTeardown } from '../../src/starters/commands/teardown/output.js';
import { duration } from '../../src/starters/terminal/time.js';
import { transitions } from '../../src/starters/watch/transitions.js';
import { renderTree } from '../../src/starters/watch/tree.js';
import { joinRun, type RunView } from '../../src/starters/watch/view.js';
import { expectGolden } from '../support/golden.js';
import { CHILD, NOW, PARENT, START } from '../support/run-status.js';
import { hostNamed, twoClusters } from '../support/topologies.js';

const RETRIES = new Map([['k3s', { attempt: 3, lastError: 'vm-a: connection refused\nmore' }]]);

const view = (retries: typeof RETRIES = RETRIES): RunView =>
  joinRun({ workflowId: 'provision-plant-7', status: PARENT, retries: new Map() }, [
    { workflowId: 'provision-plant-7/cluster-a', status: CHILD, retries },
  ]);

const options = { style: PLAIN, columns: 90, now: NOW, frame: 0 };

const check = (id: string, verdict: CheckResult['verdict'], more: Partial<CheckResult> = {}): CheckResult => ({
  ...{ id, category: 'nats-leaf', subject: 'cluster-b', title: 'the leaf node holds its link', hint: id, elapsedMs: 1 },
  severity: 'error',
  verdict,
  ...more,
});

const CHECKS: CheckResult[] = [
  check('kubernetes-ready', { state: 'pass', note: '1 node' }, { category: 'k3s', title: 'Kubernetes is ready' }),
  check('leaf-linked', { state: 'fail', because: 'no link', saw: 'leafnodes: 0' }),
  check('certificates-last', { state: 'fail', because: '20 days left' }, { severity: 'warning', category: 'pki' }),
  check('message-broker-to-leaf', { state: 'skip', because: 'leaf-linked failed' }, { category: 'cross-cluster' }),
];

const summary = (changes: Partial<SummaryFacts> = {}): string =>
  renderSummary(
    {
      topology: twoClusters(),
      result: { state: 'done', changed: ['a'], checks: CHECKS.slice(0, 1), failedLeaves: [] },
      webUi: 'http://127.0.0.1:8233/namespaces/default/workflows/provision-plant-7',
      times: { totalMs: 42_000, runMs: 38_000, labMs: 3_900 },
      ...changes,
    },
    PLAIN,
  );

const WAITING: RunView = {
  ...view(),
  state: 'waiting',
  waitingFor: { phase: 'link', since: NOW },
  checks: CHECKS,
  refusals: [{ phase: 'pki', by: 'bob@desk', because: 'phase "pki" does not wait; "link" does' }],
  failedLeaves: [{ cluster: 'cluster-c', error: { code: 'SSH_UNREACHABLE', message: 'no answer' } }],
};

const FAILED_LEAF = {
  cluster: 'cluster-b',
  error: { code: 'SSH_UNREACHABLE', message: 'vm-b: no SSH answer', hint: 'ssh-unreachable', remedy: 'start the host' },
};

test.each<[golden: string, text: () => string]>([
  ['tree-running.txt', () => renderTree(view(), options).join('\n')],
  ['tree-full.txt', () => renderTree(view(), { ...options, full: true }).join('\n')],
  ['tree-many-clusters.txt', () => renderTree(manyClusters(), options).join('\n')],
  ['status-waiting.txt', () => renderStatus(WAITING, { ...options, full: true }, 'http://127.0.0.1:8233/x')],
  ['transitions.txt', () => lines(undefined, view())],
  ['plan.txt', () => renderPlan(PLAN, PLAIN)],
  ['checks.txt', () => renderChecks(CHECKS, PLAIN)],
  ['summary-done.txt', () => summary()],
  [
    'summary-degraded.txt',
    () => summary({ result: { state: 'degraded', changed: [], checks: CHECKS, failedLeaves: [FAILED_LEAF] } }),
  ],
  ['teardown-done.txt', () => renderTeardown({ ...TEARDOWN, lab: true }, PLAIN)],
  [
    'teardown-degraded.txt',
    () =>
      renderTeardown(
        { ...TEARDOWN, purge: true, result: { state: 'degraded', removed: [], unreached: [UNREACHED], keys: 'kept' } },
        PLAIN,
      ),
  ],
  ['error.txt', () => renderError(ERROR, PLAIN)],
  [
    'table.txt',
    () =>
      renderTable(
        ['HOST', 'STATE'],
        [
          ['vm-a', 'ready'],
          ['vm-long', 'off'],
        ],
        PLAIN,
      ),
  ],
])('%s', (golden, text) => expectGolden(`starters/${golden}`, text()));

const PLAN = {
  hosts: [
    {
      host: 'vm-a',
      cluster: 'cluster-a',
      state: 'none' as const,
      actions: ['install K3s v1.36.3+k3s1', 'run the NATS broker'],
    },
    { host: 'vm-b', cluster: 'cluster-b', state: 'ours' as const, actions: [] },
  ],
  digest: '81aa'.repeat(16),
};
const UNREACHED = { host: 'vm-b', error: FAILED_LEAF.error };
const TEARDOWN = {
  topology: 'plant-7',
  result: { state: 'done' as const, removed: ['a', 'b'], unreached: [], keys: 'kept' as const },
  tookMs: 7_100,
  lab: false,
  purge: false,
};
const ERROR = {
  code: 'COMMAND_FAILED',
  message: 'exit code 1 from: systemctl restart k3s',
  where: { cluster: 'cluster-b', host: 'vm-b' },
  remedy: 'read the log on the host',
  output: 'line one\nline two',
};

const lines = (before: RunView | undefined, after: RunView): string =>
  transitions(before, after)
    .map(({ at, text }) => `${at === undefined ? '-' : at - START} ${text}`)
    .join('\n');

/** Six clusters, two of them done. */
function manyClusters(): RunView {
  const run = view();
  const phases = run.phases.map((phase) => {
    const [first] = phase.clusters;
    if (first === undefined) return phase;
    const clusters = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter, index) => ({
      ...first,
      cluster: `cluster-${letter}`,
      ...(index < 2 ? { state: 'done' as const, endedAt: NOW - 1_000 } : {}),
    }));
    return { ...phase, clusters };
  });
  return { ...run, phases };
}

test('nothing is told twice', () => {
  expect(lines(view(), view())).toBe('');
});

test('a further attempt is told', () => {
  const again = new Map([['k3s', { attempt: 4, lastError: 'time-out' }]]);
  expect(lines(view(), view(again))).toBe('- clusters  cluster-a  install and start K3s: attempt 4 after: time-out');
});

test('addresses of the summary are those under which clients reach the broker', () => {
  const broker = {
    name: 'cluster-a',
    role: 'broker' as const,
    hosts: [{ ...hostNamed('vm-a', 'cluster-a', '10.0.0.1'), externalAddress: '203.0.113.9' }],
  };
  expect(summary({ topology: twoClusters({ broker }) })).toContain('nats --server tls://203.0.113.9:30422 ');
});

test.each([
  [0, '0.0 s'],
  [12_340, '12.3 s'],
  [125_000, '2 min 05 s'],
  [3_720_000, '1 h 02 min'],
])('%d ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
