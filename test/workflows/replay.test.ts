import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientDataConverter } from '../../src/codec/data-converter.js';
import * as workflows from '../../src/workflows/index.js';
import { historyFiles, readHistory } from '../support/temporal/histories.js';
import { replayAll } from '../support/temporal/temporal.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

/** Histories of every release that has been made: runs that it started may still be open when the next one takes over. */
const files = historyFiles();
const textOf = (file: string): string => files.get(file) ?? '{}';

const stateDir = mkdtempSync(join(tmpdir(), 'leafspan-replay-'));
afterAll(() => rmSync(stateDir, { recursive: true }));

let bundle: Awaited<ReturnType<typeof workflowBundle>>;
beforeAll(async () => {
  bundle = await workflowBundle();
});

test.each([...files.keys()])('decides %s again as it did', async (file) => {
  await expect(replayAll(bundle, new Map([[file, readHistory(textOf(file))]]))).resolves.toBeUndefined();
});

test('a worker that encrypts decides again what an earlier one left in clear', async () => {
  const [file = ''] = [...files.keys()].filter((name) => name.endsWith('/removal-leaf.json'));
  const history = new Map([[file, readHistory(textOf(file))]]);
  await expect(replayAll(bundle, history, await clientDataConverter(stateDir))).resolves.toBeUndefined();
});

test('has a history of every workflow', () => {
  const types = [...files.values()].map(
    (text) => readHistory(text).events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name,
  );
  expect([...new Set(types)].sort()).toEqual(Object.keys(workflows).sort());
});

test('reports a history that would now be decided otherwise', async () => {
  const [file = ''] = [...files.keys()].filter((name) => name.endsWith('/removal-leaf.json'));
  const otherwise = readHistory(textOf(file).replaceAll('"remove k3s"', '"remove everything"'));
  await expect(replayAll(bundle, new Map([[file, otherwise]]))).rejects.toThrow(/removal-leaf.json does not replay/);
});
