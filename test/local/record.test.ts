import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerDirectory, workerRecord } from '../../src/local/record.js';

const worker = { pid: 1, ready: true, address: '127.0.0.1:7233', namespace: 'default', buildId: 'b' };

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

test('a later command reads what the worker wrote', async () => {
  await workerRecord(stateDir).write(worker);
  expect(workerRecord(stateDir).read()).toEqual(worker);
});

test('a record that was removed is gone, and removing it again is no error', async () => {
  await workerRecord(stateDir).write(worker);
  workerRecord(stateDir).remove();
  workerRecord(stateDir).remove();
  expect(workerRecord(stateDir).read()).toBeUndefined();
});

test.each([
  ['is cut off', '{"pid": 1, "rea'],
  ['holds something else', 'null'],
  ['has a field of another kind', JSON.stringify({ ...worker, pid: '1' })],
  ['has a field too few', JSON.stringify({ pid: 1, ready: true })],
])('a record that %s describes no worker', (_fault, text) => {
  mkdirSync(workerDirectory(stateDir));
  writeFileSync(join(workerDirectory(stateDir), 'worker.json'), text);
  expect(workerRecord(stateDir).read()).toBeUndefined();
});
