import { expect, test } from '@jest/globals';
import { readyRung } from '../../../src/domain/k3s/readiness.js';

const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });
const available = { conditions: [{ type: 'Available', status: 'True' }] };
const node = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const coredns = { metadata: { name: 'coredns' }, status: { ...available, updatedReplicas: 1, availableReplicas: 1 } };
const READY = {
  readyz: { status: 200, body: 'ok' },
  nodes: json({ items: [node] }),
  coredns: json(coredns),
  account: json({}),
};

test('a cluster with a pod of CoreDNS is ready', () => {
  expect(readyRung(READY)).toBeUndefined();
});

test.each<[what: string, status: object, rung: string]>([
  [
    'is Available with no pod, as one of one may be away',
    { ...available, updatedReplicas: 1 },
    'coredns: 0 of 1 pods of coredns are available',
  ],
  ['rolls out', { ...available, availableReplicas: 1 }, 'coredns: the new revision is rolling out'],
])('a CoreDNS that %s is not ready', (_what, status, rung) => {
  expect(readyRung({ ...READY, coredns: json({ ...coredns, status }) })).toBe(rung);
});

test.each([
  ['no node', { nodes: json({ items: [] }) }, 'node: none yet'],
  ['no CoreDNS', { coredns: { status: 404, body: 'not found' } }, 'coredns: 404 not found'],
  ['no response', { account: undefined }, 'serviceaccount default: no response'],
])('a cluster with %s is not ready', (_what, seen, rung) => {
  expect(readyRung({ ...READY, ...seen })).toBe(rung);
});
