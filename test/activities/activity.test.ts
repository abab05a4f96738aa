import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { guarded } from '../../src/activities/activity.js';
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
