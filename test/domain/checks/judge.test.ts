import { expect, test } from '@jest/globals';
import { keyOf, type Check } from '../../../src/domain/checks/check.js';
import { checksOf } from '../../../src/domain/checks/list.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

const topology = twoClusters();
const checks = checksOf(topology);
const checkWith = (id: string): Check => {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
};

const leaf = { name: 'leaf-cluster-b', account: 'APP', is_spoke: false, rtt: '1.27ms' };
const link = { name: 'broker-cluster-a', account: 'APP', is_spoke: true, rtt: '1.34ms' };

test.each<[id: string, facts: unknown, state: string, text: RegExp]>([
  ['kubernetes-ready', 'ready', 'pass', /^$/],
  ['kubernetes-ready', "node: Ready is 'False'", 'fail', /node: Ready is 'False'/],
  ['kubernetes-endpoint-internal', ['192.0.2.10'], 'pass', /192.0.2.10/],
  ['kubernetes-endpoint-internal', ['203.0.113.10'], 'fail', /203.0.113.10/],
  ['broker-ready', { ready: 1, all: 1 }, 'pass', /^$/],
  ['broker-ready', { ready: 0, all: 0 }, 'fail', /0 of 0/],
  ['broker-lists-leaves', { leafnodes: 1, leafs: [leaf] }, 'pass', /leaf-cluster-b/],
  ['broker-lists-leaves', { leafnodes: 0, leafs: [] }, 'fail', /no leaf node/],
  ['broker-lists-leaves', { leafnodes: 1, leafs: [{ ...leaf, account: '$G' }] }, 'fail', /no leaf node/],
  ['leaf-linked', { leafnodes: 1, leafs: [link] }, 'pass', /1.34ms/],
  ['leaf-linked', { leafnodes: 1, leafs: [{ ...link, name: 'other' }] }, 'fail', /other/],
  ['broker-accepts-probe', { outcome: 'accepted', latencyMs: 1.25 }, 'pass', /1.3 ms/],
  ['broker-accepts-probe', { outcome: 'refused', saw: 'Authorization Violation' }, 'fail', /Authorization Violation/],
  ['message-broker-to-leaf', { arrived: true, latencyMs: 2 }, 'pass', /2.0 ms/],
  ['message-broker-to-leaf', { arrived: false, latencyMs: Number.NaN }, 'fail', /^$/],
  ['subscriber-receives-publisher', 'Message #7 - Published at 2026-11-24 16:00:00 UTC', 'pass', /Message #7/],
  ['subscriber-receives-publisher', 'connected', 'fail', /connected/],
  ['refuses-no-certificate', { outcome: 'refused', saw: 'certificate required' }, 'pass', /certificate required/],
  ['refuses-no-certificate', { outcome: 'accepted', latencyMs: 0 }, 'fail', /^$/],
  ['refuses-plaintext', { outcome: 'unknown', saw: 'ECONNREFUSED' }, 'fail', /ECONNREFUSED/],
])('%s judges %j as %s', (id, facts, state, text) => {
  const verdict = checkWith(id).judge(facts);
  expect(verdict.state).toBe(state);
  expect(verdict.state === 'pass' ? (verdict.note ?? '') : verdict.state === 'fail' ? (verdict.saw ?? '') : '').toMatch(
    text,
  );
});

test('every check has a key of its own', () => {
  expect(new Set(checks.map(keyOf)).size).toBe(checks.length);
});

test('every need is a check that stands before the one that needs it', () => {
  const keys = checks.map(keyOf);
  const misplaced = checks.flatMap((check, at) =>
    (check.needs ?? []).filter((need) => keys.indexOf(need) < 0 || keys.indexOf(need) >= at),
  );
  expect(misplaced).toEqual([]);
});

test('a title is a claim', () => {
  expect(checks.filter(({ title }) => /check|should/i.test(title))).toEqual([]);
});

test('each leaf has its own checks', () => {
  const third = { name: 'cluster-c', role: 'leaf' as const, hosts: [hostNamed('vm-c', 'cluster-c', '192.0.2.30')] };
  const added = checksOf({ ...topology, leaves: [...topology.leaves, third] }).length - checks.length;
  expect(added).toBe(8);
});
