import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../../src/contract/checks.js';
import type { ProvisionResult } from '../../../src/contract/runs.js';
import type { LeafRow } from '../../../src/contract/status.js';
import { renderSummary, type SummaryFacts } from '../../../src/starters/commands/provision/output.js';
import type { LeafTable } from '../../../src/starters/commands/status/leaf-table.js';
import { renderStatus } from '../../../src/starters/commands/status/output.js';
import { renderTeardown, type TeardownFacts } from '../../../src/starters/commands/teardown/output.js';
import { renderChecks } from '../../../src/starters/terminal/checks.js';
import { renderError } from '../../../src/starters/terminal/error.js';
import { PLAIN } from '../../../src/starters/terminal/style.js';
import { renderTable } from '../../../src/starters/terminal/table.js';
import { duration } from '../../../src/contract/duration.js';
import { transitions } from '../../../src/starters/watch/transitions.js';
import { renderTree } from '../../../src/starters/watch/tree.js';
import { joinRun, type RunView } from '../../../src/starters/watch/view.js';
import { expectGolden } from '../../support/golden.js';
import {
  FLEET_LEAF,
  FLEET_ROWS,
  FLEET_RUN,
  HUB,
  LEAF,
  leafCounts,
  NOW,
  RUN,
  START,
} from '../../support/temporal/run-status.js';
import { hostNamed, nginxEdge, twoClusters, twoLeaves } from '../../support/topologies.js';

const RETRIES = new Map([['k3s', { attempt: 3, lastError: 'vm-a: connection refused\nmore' }]]);
const none = new Map<string, never>();

const view = (retries: typeof RETRIES = RETRIES): RunView =>
  joinRun({ workflowId: 'provision-plant-7', status: RUN, retries: none }, [
    { workflowId: 'provision-plant-7/cluster-a', status: HUB, retries },
    { workflowId: 'provision-plant-7/cluster-b', status: LEAF, retries: none },
  ]);

const FLEET: RunView = joinRun(
  { workflowId: 'provision-plant-7', status: FLEET_RUN, retries: none },
  [
    { workflowId: 'provision-plant-7/cluster-a', status: HUB, retries: none },
    { workflowId: 'provision-plant-7/cluster-e', status: FLEET_LEAF, retries: RETRIES },
  ],
  FLEET_ROWS.filter(({ state }) => state === 'running'),
);

const options = { style: PLAIN, columns: 90, now: NOW, frame: 0 };

const check = (id: string, verdict: CheckResult['verdict'], more: Partial<CheckResult> = {}): CheckResult => ({
  ...{ id, category: 'nats-leaf', subject: 'cluster-b', title: 'the leaf node is linked', docs: id, elapsedMs: 1 },
  severity: 'error',
  verdict,
  ...more,
});

const FAILED_CHECK = check('leaf-linked', { state: 'fail', because: 'no link', saw: 'leafnodes: 0' });
const CHECKS: CheckResult[] = [
  check('kubernetes-ready', { state: 'pass', note: '1 node' }, { category: 'k3s', title: 'Kubernetes is ready' }),
  FAILED_CHECK,
  check('certificates-last', { state: 'fail', because: '20 days left' }, { severity: 'warning', category: 'pki' }),
  check('message-broker-to-leaf', { state: 'skip', because: 'leaf-linked failed' }, { category: 'cross-cluster' }),
];

const FAILED_LEAF: LeafRow = {
  cluster: 'cluster-b',
  state: 'failed',
  error: { code: 'SSH_UNREACHABLE', message: 'vm-b: no SSH response', docs: 'ssh-unreachable', hint: 'start the host' },
};

const DONE: ProvisionResult = {
  state: 'done',
  planDigest: '81aa'.repeat(16),
  changed: { create: 21, change: 3, delete: 0 },
  leaves: leafCounts({ done: 1 }),
  failedLeaves: [],
  checks: { passed: 20, failed: 0, warned: 0, skipped: 0 },
  failedChecks: [],
};
const DEGRADED: ProvisionResult = {
  ...DONE,
  state: 'degraded',
  leaves: leafCounts({ failed: 1 }),
  failedLeaves: [FAILED_LEAF],
  checks: { passed: 18, failed: 3, warned: 1, skipped: 1 },
  failedChecks: [FAILED_CHECK],
};

const summary = (changes: Partial<SummaryFacts> = {}): string =>
  renderSummary(
    {
      topology: twoClusters(),
      result: DONE,
      webUi: 'http://127.0.0.1:8233/namespaces/default/workflows/provision-plant-7',
      times: { totalMs: 42_000, runMs: 38_000, labMs: 3_900 },
      ...changes,
    },
    PLAIN,
  );

const THREE_LEAVES = twoClusters({ leaves: [...twoLeaves(), ...twoLeaves()].slice(0, 3) });

const WAITING: RunView = {
  ...view(),
  state: 'waiting',
  waitingFor: { phase: 'link', since: NOW },
  checks: { passed: 1, failed: 1, warned: 0, skipped: 0 },
  failedChecks: [FAILED_CHECK],
  refusals: [{ phase: 'pki', by: 'bob@desk', because: 'phase "pki" is not waiting; "link" is' }],
  failedLeaves: [{ cluster: 'cluster-c', state: 'failed', error: { code: 'SSH_UNREACHABLE', message: 'no response' } }],
};

const PROBLEM = { cluster: 'cluster-b', error: FAILED_LEAF.error ?? { code: '', message: '' } };

const TEARDOWN: TeardownFacts = {
  topology: 'plant-7',
  only: undefined,
  result: { state: 'done', removed: 12, leaves: leafCounts({ done: 1 }), unreached: [], keys: 'kept' },
  tookMs: 7_100,
  lab: false,
  purge: false,
};

const ERROR = {
  code: 'COMMAND_FAILED',
  message: 'exit code 1 from: systemctl restart k3s',
  where: { cluster: 'cluster-b', host: 'vm-b' },
  hint: 'read the log on the host',
  output: 'line one\nline two',
};

const OPEN: LeafTable = { rows: FLEET_ROWS.filter(({ state }) => state === 'failed' || state === 'running') };
const PAGE: LeafTable = { rows: FLEET_ROWS, page: { number: 1, of: 3 } };
const WEB_UI = 'http://127.0.0.1:8233/x';

test.each<[golden: string, text: () => string]>([
  ['tree-running.txt', () => renderTree(view(), options).join('\n')],
  ['tree-full.txt', () => renderTree(view(), { ...options, full: true }).join('\n')],
  ['status-waiting.txt', () => renderStatus(WAITING, undefined, { ...options, full: true }, WEB_UI)],
  ['status-fleet.txt', () => renderStatus(FLEET, OPEN, { ...options, full: true }, WEB_UI)],
  ['status-fleet-page.txt', () => renderStatus(FLEET, PAGE, { ...options, full: true }, WEB_UI)],
  ['transitions.txt', () => lines(undefined, view())],
  ['checks.txt', () => renderChecks(CHECKS, PLAIN)],
  ['summary-done.txt', () => summary()],
  ['summary-degraded.txt', () => summary({ result: DEGRADED })],
  [
    'summary-fleet.txt',
    () =>
      summary({ topology: THREE_LEAVES, result: { ...DONE, leaves: leafCounts({ total: 3, done: 1, unchanged: 2 }) } }),
  ],
  ['teardown-done.txt', () => renderTeardown({ ...TEARDOWN, lab: true }, PLAIN)],
  ['teardown-only.txt', () => renderTeardown({ ...TEARDOWN, only: ['cluster-b'] }, PLAIN)],
  [
    'teardown-degraded.txt',
    () =>
      renderTeardown(
        {
          ...TEARDOWN,
          purge: true,
          result: { ...TEARDOWN.result, state: 'degraded', removed: 0, unreached: [PROBLEM] },
        },
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

const lines = (before: RunView | undefined, after: RunView): string =>
  transitions(before, after)
    .map(({ at, text }) => `${at === undefined ? '-' : at - START} ${text}`)
    .join('\n');

test('nothing is reported twice', () => {
  expect(lines(view(), view())).toBe('');
});

test('another attempt is reported', () => {
  const again = new Map([['k3s', { attempt: 4, lastError: 'timed out' }]]);
  expect(lines(view(), view(again))).toBe('- clusters  cluster-a  install and start K3s: attempt 4 after: timed out');
});

describe('the summary', () => {
  test('names the address at which clients reach the broker', () => {
    const broker = {
      name: 'cluster-a',
      role: 'broker' as const,
      hosts: [{ ...hostNamed('vm-a', 'cluster-a', '10.0.0.1'), externalAddress: '203.0.113.9' }],
    };
    expect(summary({ topology: twoClusters({ broker }) })).toContain('nats --server tls://203.0.113.9:30422 ');
  });

  test('says so when a second run has nothing to do', () => {
    const changed = { create: 0, change: 0, delete: 0 };
    expect(summary({ result: { ...DONE, changed } })).toMatch(/^ {2}changes {4}nothing to do$/m);
  });
});

test('the end names where monitoring is open', () => {
  expect(summary({ topology: twoClusters(nginxEdge()) })).toContain('monitoring https://192.0.2.10:30443');
});

test.each([
  [0, '0.0 s'],
  [12_340, '12.3 s'],
  [125_000, '2 min 05 s'],
  [3_720_000, '1 h 02 min'],
])('%d ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
