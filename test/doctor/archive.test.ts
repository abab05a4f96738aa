import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { diagnose } from '../../src/domain/diagnosis/diagnose.js';
import { readArchive, writeArchive } from '../../src/starters/commands/doctor/archive.js';
import { renderDiagnosis } from '../../src/starters/commands/doctor/output.js';
import { PLAIN } from '../../src/starters/terminal/style.js';
import { provisionedPair, type Pair } from '../doubles/fleet/pair.js';
import { secretsIn } from '../lab/support/secret-hunt.js';
import { objectOf, remove } from '../support/doctor/edit.js';

let pair: Pair;
let directory: string;
beforeAll(async () => {
  pair = await provisionedPair('mesh');
  directory = mkdtempSync(join(tmpdir(), 'leafspan-archive-'));
}, 60_000);
afterAll(() => {
  pair.close();
  rmSync(directory, { recursive: true });
});

const SECRET = 'token: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl';

test('an archive is read again with the same output, and holds no key', async () => {
  remove(pair.hub, objectOf('v1', 'Secret', 'nats-broker-tls'));
  pair.world.events = `a pod said ${SECRET}`;
  const { sighting, surroundings } = await pair.look();
  const file = join(directory, 'seen.json.gz');
  await writeArchive(file, '/', { takenAt: '2026-11-27T12:00:00Z', sighting, surroundings, runs: [] });
  const again = await readArchive(file, '/');
  const shown = (seen: typeof sighting): string =>
    renderDiagnosis(seen, diagnose(seen.checks, seen.patient.hub), { style: PLAIN, verbose: true });
  expect(shown(again.sighting)).toBe(shown(sighting));
  expect(shown(sighting)).toContain('Secret/nats-broker-tls is missing');
  const text = gunzipSync(readFileSync(file)).toString();
  expect(text).toContain('a pod said token: [redacted]');
  expect(secretsIn(text)).toEqual([]);
  expect((await pair.keys()).filter((piece) => text.includes(piece))).toEqual([]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
}, 60_000);

test.each([
  ['a text', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
])('%s is refused as an archive', async (_what, content) => {
  const file = join(directory, 'other');
  writeFileSync(file, content);
  await expect(readArchive(file, '/')).rejects.toMatchObject({ code: 'USAGE' });
});

test('a file that is not there is refused as an archive', async () => {
  await expect(readArchive('nothing', directory)).rejects.toMatchObject({ code: 'USAGE' });
});
