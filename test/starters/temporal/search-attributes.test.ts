import { expect, test } from '@jest/globals';
import { onceAttributesAreKnown } from '../../../src/starters/runs/search-attributes.js';
import { failureOf } from '../../support/errors.js';

/** As the client throws it: the reason is in the cause. */
const refusal = (details: string): Error =>
  Object.assign(new Error('Failed to start Workflow'), {
    cause: Object.assign(new Error(`3 INVALID_ARGUMENT: ${details}`), { code: 3, details }),
  });
const NOT_YET = 'Namespace default has no mapping defined for search attribute LeafspanTopology';
const noPause = (): Promise<void> => Promise.resolve();

test('a start is tried again until the server knows new search attributes', async () => {
  const answers = [NOT_YET, NOT_YET];
  const start = (): Promise<string> => {
    const answer = answers.shift();
    return answer === undefined ? Promise.resolve('started') : Promise.reject(refusal(answer));
  };
  expect(await onceAttributesAreKnown(start, noPause)).toBe('started');
});

test('any other refusal is passed on at once', async () => {
  const refused = refusal('namespace is full');
  await expect(onceAttributesAreKnown(() => Promise.reject(refused), noPause)).rejects.toBe(refused);
});

test('attributes that never come are named, with the command that adds them', async () => {
  const failure = await failureOf(onceAttributesAreKnown(() => Promise.reject(refusal(NOT_YET)), noPause));
  expect(failure).toMatchObject({
    code: 'TEMPORAL_REFUSED',
    message: expect.stringContaining(NOT_YET),
    hint: expect.stringMatching(/search-attribute create --name LeafspanTopology --type Keyword --name LeafspanPhase/),
  });
});
