import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { guarded } from '../../src/activities/activity.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { failureOf } from '../support/errors.js';

const failing = (error: Error): Promise<Error> =>
  failureOf(
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
      guarded(() => Promise.reject(error)),
      undefined,
    ),
  );

test.each([
  new TypeError("Cannot read properties of undefined (reading 'spec')"),
  new RangeError('cluster "hub" has no host'),
  new ReferenceError('x is not defined'),
])('a bug of ours is not retried and keeps its stack: %s', async (error) => {
  expect(await failing(error)).toMatchObject({
    type: 'UNEXPECTED',
    nonRetryable: true,
    message: error.message,
    stack: error.stack,
  });
});

test.each([
  new TypeError('fetch failed', { cause: new Error('other side closed') }),
  new Error('socket hang up'),
  new SyntaxError('Unexpected end of JSON input'),
])('what a library says may pass, so it is retried: %s', async (error) => {
  expect(await failing(error)).toBe(error);
});

test('neither message nor stack of a bug shows a secret', async () => {
  const { message, stack } = await failing(new RangeError('no K3S_TOKEN=K10abc::server:def'));
  expect(message).toBe('no K3S_TOKEN=[redacted]');
  expect(stack).toContain('activity.test.ts');
  expect(stack).not.toContain('K10abc');
});

const HOSTILE = 'x\u001b]0;pwned\u0007';
const SHOWN = 'x\\u001b]0;pwned\\u0007';

test('what a host says cannot steer a terminal, neither as a result nor in an error', async () => {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const result = await environment.run(
    guarded(() => Promise.resolve({ saw: [HOSTILE] })),
    undefined,
  );
  expect(result).toEqual({ saw: [SHOWN] });
  const error = await failing(new ProvisionError('HOST_LOCKED', HOSTILE, HOSTILE, {}, HOSTILE));
  expect(error).toMatchObject({ message: SHOWN, details: [{ hint: SHOWN, output: SHOWN }] });
});

test('an error carries no more of what a host says than a person reads', async () => {
  expect((await failing(new ProvisionError('COMMAND_FAILED', 'x'.repeat(1_000_000)))).message.length).toBeLessThan(
    20_000,
  );
});

test('the rule for sudo in a hint is not taken for a password', async () => {
  const hint = 'add to /etc/sudoers.d/leafspan on the host: ubuntu ALL=(ALL) NOPASSWD: ALL';
  expect(await failing(new ProvisionError('SUDO_DENIED', 'no sudo', hint))).toMatchObject({ details: [{ hint }] });
});
