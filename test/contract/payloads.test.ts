import { expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/contract/checks.js';
import { packTopology, unpackTopology } from '../../src/contract/topology/packed-topology.js';
import type { CarriedRun, PlanSummary, ProvisionInput } from '../../src/contract/runs.js';
import type { RunStatus, StatusError } from '../../src/contract/status.js';
import type { Cluster, Topology } from '../../src/contract/topology/topology.js';
import { fitting, withFittingErrors } from '../../src/workflows/run/leaves/sizes.js';
import { hostNamed, manyLeaves, twoClusters } from '../support/topologies.js';

const LEAVES = 1_000;
const MAX_BYTES = 256 * 1024;
const bytesOf = (payload: unknown): number => Buffer.byteLength(JSON.stringify(payload));

/** Every leaf is pinned and has a key of its own user, as a generated file may have them. */
const pinned = ({ name, role, hosts }: Cluster): Cluster => ({
  name,
  role,
  hosts: hosts.map((host) => ({
    ...host,
    ssh: { ...host.ssh, privateKeyFile: '/home/ubuntu/.ssh/id_ed25519', hostKey: `SHA256:${'k'.repeat(43)}` },
  })),
});

const fleet = (): Topology => twoClusters({ name: 'plant-7', leaves: manyLeaves(LEAVES).map(pinned) });
const names = fleet().leaves.map(({ name }) => name);

const longError: StatusError = {
  code: 'SSH_UNREACHABLE',
  message: `host-1: no SSH response on 198.51.100.1:22 within 10 s ${'and more '.repeat(50)}`,
  docs: 'ssh-unreachable',
  hint: 'check the address and that port 22 is open; provision continues where it stopped',
};
const allFailed = names.map((cluster) => ({ cluster, error: longError }));
const failedRows = allFailed.map((row) => ({ ...row, state: 'failed' as const, changed: 57, failedChecks: 2 }));
const failedCheck: CheckResult = {
  id: 'leaf-linked',
  category: 'nats-leaf',
  subject: 'leaf-1000',
  title: 'the leaf node is linked to the broker',
  severity: 'error',
  verdict: { state: 'fail', because: 'there is no link', saw: 'x'.repeat(2_000) },
  docs: 'leaf-linked',
  elapsedMs: 30_000,
};
const failedChecks = fitting(Array<CheckResult>(LEAVES).fill(failedCheck), 200);

const status: RunStatus = {
  topology: 'plant-7',
  state: 'running',
  planDigest: 'a'.repeat(64),
  phases: [],
  children: names.slice(0, 40).map((name) => `provision-plant-7/${name}`),
  failedChecks,
  refusals: Array.from({ length: 20 }, () => ({
    phase: 'p'.repeat(100),
    by: 'b'.repeat(100),
    because: 'c'.repeat(300),
  })),
  failedLeaves: fitting(failedRows, 100),
};

const input: ProvisionInput = { topology: packTopology(fleet()), only: names, trustOnFirstUse: true };

const summary: PlanSummary = {
  digest: 'a'.repeat(64),
  counts: { create: 57_000, change: 0, delete: 0 },
  clusters: names.map((cluster) => ({
    cluster,
    host: `${cluster}-host`,
    state: 'none',
    counts: { create: 57, change: 12, delete: 3 },
    digest: '0123456789abcdef',
    unseen: true,
  })),
  unchanged: 0,
  unfit: [],
  unreached: [],
};

const carried: CarriedRun = {
  status: { ...status, failedLeaves: [] },
  paused: false,
  openGates: ['pki', 'clusters', 'link', 'messaging', 'verify'],
  leaves: withFittingErrors(failedRows.slice(1)),
  digests: { 'leaf-1': '0123456789abcdef' },
  hubIsUnchanged: true,
  changed: { create: 57_000, change: 12_000, delete: 3_000 },
};

test.each<[payload: string, value: unknown]>([
  ['the input of a run', input],
  ['what a run carries on when all leaves but one have failed', carried],
  [
    'what a run carries on before its first leaf',
    { ...carried, leaves: [], digests: Object.fromEntries(names.map((name) => [name, '0123456789abcdef'])) },
  ],
  ['a plan that changes every leaf', summary],
  [
    'a plan in which no leaf responds',
    {
      ...summary,
      clusters: [],
      unfit: withFittingErrors(allFailed.slice(500)),
      unreached: withFittingErrors(allFailed.slice(0, 500)),
    },
  ],
  ['a status in which everything has failed', status],
])('%s stays below 256 KB with 1,000 leaves', (_payload, value) => {
  expect(bytesOf(value)).toBeLessThan(MAX_BYTES);
});

test.each<[leaves: string, cluster: Cluster[]]>([
  ['as the first one', manyLeaves(3)],
  ['with pinned keys', manyLeaves(3).map(pinned)],
  ['without a leaf', []],
  [
    'that all differ',
    [
      ...manyLeaves(1).map(pinned),
      {
        name: 'behind',
        role: 'leaf',
        hosts: [
          {
            ...hostNamed('behind-1', 'behind', '192.0.2.9'),
            ssh: { address: '192.0.2.9', jump: [{ address: 'gate.example.net', user: 'ops', hostKey: 'SHA256:g' }] },
          },
        ],
      },
      { name: 'b', role: 'leaf', hosts: [hostNamed('b-1', 'b', '192.0.2.1')] },
      {
        name: 'c',
        role: 'leaf',
        hosts: [
          {
            ...hostNamed('other', 'c', '192.0.2.2'),
            ssh: { address: '192.0.2.2', port: 2222, user: 'root', privateKeyFile: '/root/key' },
            internalAddress: '10.0.0.2',
            externalAddress: '203.0.113.2',
            adopt: true,
          },
        ],
      },
    ],
  ],
])('a topology with leaves %s comes out of a payload as it went in', (_leaves, leaves) => {
  const topology = twoClusters({ leaves });
  expect(unpackTopology(JSON.parse(JSON.stringify(packTopology(topology))) as never)).toEqual(topology);
});

test('keeps the first error in full and the codes of all', () => {
  const rows = withFittingErrors(allFailed);
  expect(rows[0]).toEqual(allFailed[0]);
  expect(rows.map(({ error }) => error.code)).toEqual(allFailed.map(({ error }) => error.code));
  expect(rows.at(-1)?.error.message).toBe(`${longError.message.slice(0, 40)}…`);
});

test('keeps one row that is larger than the limit', () => {
  expect(fitting(['x'.repeat(100), 'y'], 10, 50)).toEqual(['x'.repeat(100)]);
});
