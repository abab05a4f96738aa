import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stateIdOf } from '../../src/local/state/state-id.js';
import { workerIdentity } from '../../src/local/worker-identity.js';
import { refuseBesideStrangers } from '../../src/workers/strangers.js';
import { failureOf } from '../support/errors.js';

const [OURS, THEIRS] = ['0123456789abcdef', 'fedcba9876543210'];
const ELSEWHERE = `leafspan 17@elsewhere ${THEIRS}`;

const queueWith = (identity: string, secondsAgo = 0): Parameters<typeof refuseBesideStrangers>[0] =>
  ({
    describeTaskQueue: () =>
      Promise.resolve({ pollers: [{ identity, lastAccessTime: { seconds: Date.now() / 1000 - secondsAgo } }] }),
  }) as unknown as Parameters<typeof refuseBesideStrangers>[0];

test('a worker refuses to share the queue with one of another state directory', async () => {
  expect(await failureOf(refuseBesideStrangers(queueWith(ELSEWHERE), 'default', OURS))).toMatchObject({
    code: 'WORKER_NOT_STARTED',
    message: expect.stringContaining(ELSEWHERE),
    hint: expect.stringContaining('TEMPORAL_NAMESPACE'),
  });
});

test.each<[what: string, identity: string, secondsAgo: number]>([
  ['of the same state directory on another machine', `leafspan 17@elsewhere ${OURS}`, 0],
  ['that has not polled for long', ELSEWHERE, 600],
  ['of this machine that is dead', `leafspan 999999@${hostname()} ${THEIRS}`, 0],
  ['of an earlier version, which does not say whose it is', 'leafspan 17@elsewhere', 0],
  ['that is not ours at all', '4711@somebody', 0],
])('a worker starts beside one %s', async (_what, identity, secondsAgo) => {
  await refuseBesideStrangers(queueWith(identity, secondsAgo), 'default', OURS);
});

test('a state directory has one id, also when it has moved', () => {
  const [one, other] = ['a', 'b'].map((name) => mkdtempSync(join(tmpdir(), `leafspan-id-${name}-`))) as [
    string,
    string,
  ];
  expect(stateIdOf(one)).toBe(stateIdOf(one));
  expect(stateIdOf(one)).not.toBe(stateIdOf(other));
  expect(workerIdentity(stateIdOf(one), 'ab'.repeat(8))).toMatch(/^leafspan \d+@\S+ [0-9a-f]{16} (?:ab){8}$/);
  for (const directory of [one, other]) rmSync(directory, { recursive: true });
});
