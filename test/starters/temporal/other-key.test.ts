import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { currentKeyId } from '../../../src/codec/data-converter.js';
import { historyKeysFile } from '../../../src/codec/history-keys.js';
import { stateIdOf } from '../../../src/local/state/state-id.js';
import { workerIdentity } from '../../../src/local/worker-identity.js';
import { refuseOtherKey } from '../../../src/starters/temporal/other-key.js';

const [ours, theirs] = ['ours', 'theirs'].map((name) => mkdtempSync(join(tmpdir(), `leafspan-${name}-`)));
afterAll(() => {
  for (const directory of [ours, theirs]) rmSync(directory ?? '', { recursive: true });
});

test('a worker with another key is refused before a run starts; with its file it is taken', async () => {
  const worker = workerIdentity(stateIdOf(theirs ?? ''), await currentKeyId(theirs ?? ''));
  await expect(refuseOtherKey(worker, ours ?? '')).rejects.toMatchObject({
    code: 'HISTORY_KEY_MISSING',
    message: expect.stringContaining(
      `encrypts with the key ${await currentKeyId(theirs ?? '')}, and this state directory`,
    ),
    hint: `copy history-keys of its state directory to ${historyKeysFile(ours ?? '')}`,
  });
  copyFileSync(historyKeysFile(theirs ?? ''), historyKeysFile(ours ?? ''));
  await expect(refuseOtherKey(worker, ours ?? '')).resolves.toBeUndefined();
});

test('a worker of an earlier release could not read what we encrypt', async () => {
  await expect(refuseOtherKey('leafspan 1@elsewhere 0123456789abcdef', ours ?? '')).rejects.toMatchObject({
    message: expect.stringContaining('encrypts with no key'),
    hint: 'update that worker, and give both the same history-keys',
  });
});
