import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTopologyFile } from '../../src/starters/topologies/load.js';
import { loadRemembered, remember } from '../../src/starters/topologies/remembered.js';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'leafspan-remembered-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const copy = (): string => join(stateDir, 'topologies', 'plant-7', 'topology.yaml');
const origin = (): string => join(stateDir, 'topologies', 'plant-7', 'origin.json');

test.each<[what: string, change: () => void]>([
  ['is gone', () => rmSync(origin())],
  ['was cut off', () => writeFileSync(origin(), '{"fi')],
])('a topology is known from its copy when the record of its file %s', async (_what, change) => {
  const loaded = await readTopologyFile('docs/topology.example.yaml', process.cwd(), stateDir);
  await remember(stateDir, { ...loaded, topology: { ...loaded.topology, name: 'plant-7' } });
  change();
  const { source, file } = await loadRemembered(stateDir, 'plant-7', stateDir);
  expect([source, file]).toEqual([readFileSync(copy(), 'utf8'), copy()]);
});
