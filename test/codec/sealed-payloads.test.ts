import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { HistoryKeys, historyKeysFile } from '../../src/codec/history-keys.js';
import { isSealed, SealedPayloads } from '../../src/codec/sealed-payloads.js';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'leafspan-codec-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const codecOf = async (directory = stateDir): Promise<SealedPayloads> =>
  new SealedPayloads(await HistoryKeys.open(directory));
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (sealed: Payload): unknown => defaultPayloadConverter.fromPayload(sealed);
const textOf = ({ metadata, data }: Payload): string =>
  [...Object.values(metadata ?? {}), data ?? Buffer.alloc(0)].map((bytes) => Buffer.from(bytes).toString()).join(' ');

test.each([
  ['an object', { host: 'vm-a', address: '203.0.113.10' }],
  ['nothing', undefined],
  ['null', null],
  ['bytes', new Uint8Array([0, 255, 1])],
  ['a large text', 'vm-a '.repeat(40_000)],
])('%s comes back as it was, and the server sees none of it', async (_what, value) => {
  const codec = await codecOf();
  const original = payload(value);
  const [sealed = {}] = await codec.encode([original]);
  expect(isSealed(sealed)).toBe(true);
  expect(textOf(sealed)).not.toMatch(/vm-a|json/);
  const [opened = {}] = await codec.decode([sealed]);
  expect(valueOf(opened)).toEqual(value);
});

test('what repeats itself takes a tenth of the room', async () => {
  const [sealed = {}] = await (
    await codecOf()
  ).encode([payload(Array.from({ length: 200 }, () => ({ because: 'it is not there' })))]);
  expect(sealed.data?.length).toBeLessThan(700);
});

test('one value is never encrypted to the same bytes twice', async () => {
  const codec = await codecOf();
  const [one, two] = await codec.encode([payload('vm-a'), payload('vm-a')]);
  expect(Buffer.from(one?.data ?? []).equals(Buffer.from(two?.data ?? []))).toBe(false);
});

test('what is in clear is taken as it is: runs of earlier releases, signals of other clients', async () => {
  const plain = payload({ by: 'ada' });
  expect(await (await codecOf()).decode([plain])).toEqual([plain]);
});

test('the key is made once, also by two processes at once, and only its owner can read it', async () => {
  const [one, two] = await Promise.all([HistoryKeys.open(stateDir), HistoryKeys.open(stateDir)]);
  expect(one.current).toEqual(two.current);
  expect((await HistoryKeys.open(stateDir)).current).toEqual(one.current);
  expect(statSync(historyKeysFile(stateDir)).mode & 0o777).toBe(0o600);
});

test('after a line is added it encrypts, the old one still decrypts, and an open process learns of it', async () => {
  const before = await codecOf();
  const [old = {}] = await before.encode([payload('old')]);
  appendFileSync(historyKeysFile(stateDir), `${'ab'.repeat(8)} ${Buffer.alloc(32, 7).toString('base64')}\n`);
  const after = await codecOf();
  const [renewed = {}] = await after.encode([payload('new')]);
  expect(Buffer.from(renewed.metadata?.['encryption-key-id'] ?? []).toString()).toBe('ab'.repeat(8));
  expect((await after.decode([old, renewed])).map(valueOf)).toEqual(['old', 'new']);
  expect((await before.decode([renewed])).map(valueOf)).toEqual(['new']);
});

test('another state directory says which key it does not have, and where it comes from', async () => {
  const [sealed = {}] = await (await codecOf()).encode([payload('x')]);
  const other = mkdtempSync(join(tmpdir(), 'leafspan-codec-'));
  const { id } = (await HistoryKeys.open(stateDir)).current;
  await expect((await codecOf(other)).decode([sealed])).rejects.toMatchObject({
    code: 'HISTORY_KEY_MISSING',
    message: `a run's history is encrypted with the key ${id}, which is not in ${historyKeysFile(other)}`,
    hint: expect.stringContaining('history-keys of the state directory that the run was started with'),
  });
  rmSync(other, { recursive: true });
});

test.each([
  ['a byte of the data', (sealed: Payload) => ({ ...sealed, data: Buffer.from(sealed.data ?? []).fill(1, 30, 31) })],
  ['its end', (sealed: Payload) => ({ ...sealed, data: Buffer.from(sealed.data ?? []).subarray(0, 20) })],
])('a history of which %s was changed is refused', async (_what, change) => {
  const codec = await codecOf();
  const [sealed = {}] = await codec.encode([payload({ approve: 'nothing' })]);
  await expect(codec.decode([change(sealed)])).rejects.toMatchObject({ code: 'HISTORY_KEY_MISSING' });
});

test.each(['', '# only a comment\n', 'not a key\n', `${'ab'.repeat(8)} c2hvcnQ=\n`])(
  'a damaged file (%j) is named, and not replaced',
  async (text) => {
    writeFileSync(historyKeysFile(stateDir), text);
    await expect(HistoryKeys.open(stateDir)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    expect(readFileSync(historyKeysFile(stateDir), 'utf8')).toBe(text);
  },
);
