import { expect, test } from '@jest/globals';
import { causeOf, codeOf, messageOf } from '../../src/contract/caught.js';

const enoent = Object.assign(new Error('no such file'), { code: 'ENOENT' });

test.each<[caught: unknown, code: string | undefined, cause: unknown, message: string]>([
  [enoent, 'ENOENT', undefined, 'no such file'],
  [new Error('fetch failed', { cause: enoent }), undefined, enoent, 'fetch failed'],
  [Object.assign(new Error('14 UNAVAILABLE'), { code: 14, cause: null }), undefined, undefined, '14 UNAVAILABLE'],
  ['a text', undefined, undefined, 'a text'],
  [undefined, undefined, undefined, 'undefined'],
  [null, undefined, undefined, 'null'],
])('of %p the code is %p, the cause %p and the message %p', (caught, code, cause, message) => {
  expect([codeOf(caught), causeOf(caught), messageOf(caught)]).toEqual([code, cause, message]);
});
