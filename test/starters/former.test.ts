import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cluster, Topology } from '../../src/contract/topology/topology.js';
import {
  forgetFormerLeaves,
  formerLeaves,
  keepFormerLeaves,
  withFormerLeaves,
} from '../../src/starters/topologies/former.js';
import { manyLeaves, twoClusters } from '../support/topologies.js';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'leafspan-former-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const BEFORE = twoClusters({ leaves: manyLeaves(3) });
const [first, second, third] = BEFORE.leaves as [Cluster, Cluster, Cluster];
const having = (...leaves: Cluster[]): Topology => ({ ...BEFORE, leaves });
const former = async (current: Topology): Promise<string[]> =>
  (await formerLeaves(stateDir, current)).map(({ name }) => name);

test('a leaf that left the topology is remembered with its host, over several changes', async () => {
  await keepFormerLeaves(stateDir, having(first, second), BEFORE);
  await keepFormerLeaves(stateDir, having(first), having(first, second));
  expect(await formerLeaves(stateDir, having(first))).toEqual([third, second]);
  expect(withFormerLeaves(having(first), [third, second]).leaves).toEqual([first, third, second]);
});

test('the first topology of a name has no former leaves', async () => {
  await keepFormerLeaves(stateDir, BEFORE);
  expect(await former(BEFORE)).toEqual([]);
});

test.each<[what: string, current: Topology]>([
  ['is in the topology again', BEFORE],
  ['has got another name for the same host', having(first, second, { ...third, name: 'renamed' })],
])('a leaf that %s is no former one, since its removal would take a live system', async (_what, current) => {
  await keepFormerLeaves(stateDir, having(first, second), BEFORE);
  expect(await former(current)).toEqual([]);
});

test('a leaf whose removal was proven is forgotten, and the others are not', async () => {
  const current = having(first);
  await keepFormerLeaves(stateDir, current, BEFORE);
  await forgetFormerLeaves(stateDir, current, [second.name]);
  expect(await former(current)).toEqual([third.name]);
});
