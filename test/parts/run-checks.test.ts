import { beforeEach, expect, test } from '@jest/globals';
import type { Verdict } from '../../src/contract/checks.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { fail, pass } from '../../src/domain/checks/verdict.js';
import type { Check, Retry } from '../../src/parts/check.js';
import { confirm, runChecks } from '../../src/parts/run-checks.js';
import { Site } from '../../src/parts/site.js';
import { failureOf } from '../support/errors.js';
import { FakeClock } from '../support/fakes/clock.js';
import { fakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

let clock: FakeClock;
let heartbeats: string[];
let asked: string[];
beforeEach(() => {
  clock = new FakeClock(0);
  heartbeats = [];
  asked = [];
});

/** A check that gives the verdicts in turn; the last one stays. */
const checkThat = (id: string, verdicts: Verdict[], more: Partial<Check> = {}): Check => ({
  id,
  category: 'k3s',
  subject: 'cluster-a',
  title: `${id} holds`,
  severity: 'error',
  probe: () => {
    asked.push(id);
    return Promise.resolve(verdicts.length > 1 ? verdicts.shift() : verdicts[0]);
  },
  judge: (facts) => facts as Verdict,
  ...more,
});

const siteWith = (signal = new AbortController().signal): Site =>
  new Site(fakePorts({ clock }), hubScope(twoClusters()), { signal, heartbeat: (text) => void heartbeats.push(text) });
const run = (checks: Check[], signal?: AbortSignal) => runChecks(siteWith(signal), checks);
const verdictsOf = async (checks: Check[]): Promise<Verdict[]> => (await run(checks)).map(({ verdict }) => verdict);

test('keeps the order of the list, whatever is ready first', async () => {
  const results = await run([
    checkThat('slow', [fail('not yet'), pass()], { retry: { forSeconds: 9, everySeconds: 1 } }),
    checkThat('late', [pass()], { needs: ['slow@cluster-a'] }),
    checkThat('soon', [pass('at once')]),
  ]);
  expect(results.map(({ id, verdict }) => [id, verdict.state])).toEqual([
    ['slow', 'pass'],
    ['late', 'pass'],
    ['soon', 'pass'],
  ]);
  expect(asked).toEqual(['slow', 'soon', 'slow', 'late']);
});

test('asks a check that several need only once', async () => {
  await run([
    checkThat('one', [pass()], { needs: ['base@cluster-a'] }),
    checkThat('two', [pass()], { needs: ['base@cluster-a'] }),
    checkThat('base', [pass()]),
  ]);
  expect(asked).toEqual(['base', 'one', 'two']);
});

test('skips what needs a failed check, and what needs the skipped one, and says why', async () => {
  expect(
    await verdictsOf([
      checkThat('base', [fail('no')]),
      checkThat('next', [pass()], { needs: ['base@cluster-a'] }),
      checkThat('last', [pass()], { needs: ['next@cluster-a'] }),
    ]),
  ).toEqual([
    { state: 'fail', because: 'no' },
    { state: 'skip', because: '"base holds" (cluster-a) does not hold' },
    { state: 'skip', because: '"next holds" (cluster-a) does not hold' },
  ]);
  expect(asked).toEqual(['base']);
});

test('asks again until the deadline of the check, and the last verdict counts', async () => {
  const verdicts = [fail('no'), fail('still no'), fail('never')];
  const [result] = await run([checkThat('slow', verdicts, { retry: { forSeconds: 3, everySeconds: 1.5 } })]);
  expect(result).toMatchObject({ verdict: { state: 'fail', because: 'never' }, elapsedMs: 3_000 });
  expect(clock.sleeps).toEqual([1_500, 1_500]);
});

test.each<[what: string, retry: Retry, standing: boolean, seconds: number]>([
  ['waits for what has to start after work on the system', { forSeconds: 180, everySeconds: 1 }, false, 180],
  ['does not wait for a start in a system that only stands', { forSeconds: 180, everySeconds: 1 }, true, 30],
  ['waits no longer than the check itself', { forSeconds: 9, everySeconds: 1 }, true, 9],
  ['waits for what takes long by nature', { forSeconds: 180, everySeconds: 1, atLeastSeconds: 60 }, true, 60],
])('%s', async (_what, retry, standing, seconds) => {
  const check = checkThat('slow', [fail('no')], { retry });
  expect(await runChecks(siteWith(), [check], { standing })).toMatchObject([{ elapsedMs: seconds * 1_000 }]);
});

test('asks once without a retry', async () => {
  await run([checkThat('once', [fail('no'), pass()])]);
  expect(asked).toEqual(['once']);
});

test('takes a probe that throws for a failure, and asks again', async () => {
  const probe = (): Promise<Verdict> => {
    asked.push('probe');
    return asked.length === 1 ? Promise.reject(new Error('ECONNRESET')) : Promise.resolve(pass());
  };
  expect(await verdictsOf([checkThat('flaky', [], { probe, retry: { forSeconds: 5, everySeconds: 1 } })])).toEqual([
    pass(),
  ]);
});

test('says what a probe threw, without what is secret in it', async () => {
  const probe = (): Promise<Verdict> => Promise.reject(new Error('refused with token=abcdef'));
  expect(await verdictsOf([checkThat('broken', [], { probe })])).toEqual([
    { state: 'fail', because: 'the probe got no response', saw: 'refused with token=[redacted]' },
  ]);
});

test('tells which checks are open, each with its cluster', async () => {
  await run([
    checkThat('ready', [pass()], { subject: 'cluster-b' }),
    checkThat('ready', [fail('no'), pass()], { retry: { forSeconds: 5, everySeconds: 1 } }),
    checkThat('next', [pass()], { needs: ['ready@cluster-b'] }),
  ]);
  expect(heartbeats.at(-1)).toBe('checking ready@cluster-a, next@cluster-a');
});

test('ends when it is cancelled', async () => {
  const cancel = new AbortController();
  clock.onSleep = () => cancel.abort(new Error('cancelled'));
  const checks = [checkThat('slow', [fail('no')], { retry: { forSeconds: 60, everySeconds: 1 } })];
  expect((await failureOf(run(checks, cancel.signal))).message).toBe('cancelled');
  expect(asked).toEqual(['slow']);
});

const CONFIRMS = { code: 'NOT_READY', look: 'kubectl get pods' } as const;

test('waits for the checks that confirm a part, and only for those', async () => {
  await confirm(siteWith(), [
    checkThat('ready', [fail('not yet'), pass()], { confirms: CONFIRMS, retry: { forSeconds: 9, everySeconds: 1 } }),
    checkThat('proof', [fail('no message')]),
  ]);
  expect(asked).toEqual(['ready', 'ready']);
  expect(heartbeats).toEqual(['ready: not yet']);
});

test('fails with the code of the check that does not hold in time, with what it saw and where to look', async () => {
  const check = checkThat('ready', [fail('the broker is not ready', '0 of 1 pods')], { confirms: CONFIRMS });
  expect(await failureOf(confirm(siteWith(), [check]))).toMatchObject({
    code: 'NOT_READY',
    message: 'the broker is not ready (0 of 1 pods)',
    hint: 'on the host: kubectl get pods',
    where: { host: 'vm-a', cluster: 'cluster-a' },
  });
});

const PERMANENT = { code: 'POD_CRASHES', remedy: 'correct it', afterSeconds: 3 } as const;
const PATIENT = { confirms: CONFIRMS, retry: { forSeconds: 60, everySeconds: 1 } };

test('a permanent cause ends the wait once it has lasted, with its own code and remedy', async () => {
  const check = checkThat('ready', [fail('it ends', 'exit code 1', PERMANENT)], PATIENT);
  expect(await failureOf(confirm(siteWith(), [check]))).toMatchObject({
    code: 'POD_CRASHES',
    message: 'it ends (exit code 1)',
    hint: 'correct it',
  });
  expect(asked).toHaveLength(4);
});

test('a cause that goes away in between has not lasted', async () => {
  const seen = [fail('it ends', undefined, PERMANENT), fail('it starts'), fail('it ends', undefined, PERMANENT)];
  await confirm(siteWith(), [checkThat('ready', [...seen, pass()], PATIENT)]);
  expect(asked).toHaveLength(4);
});

test('a cause that had no time to last is reported as one that may pass', async () => {
  const check = checkThat('ready', [fail('it ends', undefined, PERMANENT)], { confirms: CONFIRMS });
  expect(await failureOf(confirm(siteWith(), [check]))).toMatchObject({ code: 'NOT_READY', message: 'it ends' });
});

test('a probe that meets a permanent refusal ends the wait at once', async () => {
  const refused = new ProvisionError('SUDO_DENIED', 'sudo asks for a password', 'change sudoers');
  const check = checkThat('ready', [], { ...PATIENT, probe: () => Promise.reject(refused) });
  expect(await failureOf(confirm(siteWith(), [check]))).toMatchObject({ code: 'SUDO_DENIED', hint: 'change sudoers' });
  expect(clock.sleeps).toEqual([]);
});

test.each<[beside: Verdict, verdict: Verdict]>([
  [pass(), pass()],
  [fail('no route'), { state: 'skip', because: '"dials holds" (cluster-a) does not hold, so it proves nothing' }],
])('silence proves something only while the same way works for others: %j', async (beside, verdict) => {
  const silent = checkThat('silence', [pass()], { onlyWith: ['dials@cluster-a'] });
  expect(await verdictsOf([silent, checkThat('dials', [beside])])).toEqual([verdict, beside]);
});

test('a failure stays one, whatever the check beside it says', async () => {
  const loud = checkThat('silence', [fail('it heard something')], { onlyWith: ['dials@cluster-a'] });
  expect((await verdictsOf([loud, checkThat('dials', [fail('no')])]))[0]).toEqual(fail('it heard something'));
});
