import { expect, test } from '@jest/globals';
import { registerSearchAttributes } from '../../src/workers/search-attributes.js';
import { failureOf } from '../support/errors.js';

type Operator = Parameters<typeof registerSearchAttributes>[0];
const grpc = (code: number): Error => Object.assign(new Error(`${code}`), { code, details: 'not for you' });
const PERMISSION_DENIED = grpc(7);
const ALL = { LeafspanTopology: 2, LeafspanPhase: 2, LeafspanState: 2 };

const operator = (list: object | Error, added: object[], add?: Error): Operator =>
  ({
    listSearchAttributes: () =>
      list instanceof Error ? Promise.reject(list) : Promise.resolve({ customAttributes: list }),
    addSearchAttributes: (request: object) => {
      added.push(request);
      return add === undefined ? Promise.resolve({}) : Promise.reject(add);
    },
  }) as unknown as Operator;

test('only the attributes that are missing are added', async () => {
  const added: object[] = [];
  await registerSearchAttributes(operator({ LeafspanTopology: 2 }, added), 'default');
  expect(added).toEqual([{ namespace: 'default', searchAttributes: { LeafspanPhase: 2, LeafspanState: 2 } }]);
});

test.each<[what: string, list: object | Error]>([
  ['attributes that are there', ALL],
  ['a server that lets nobody look', PERMISSION_DENIED],
])('with %s nothing is added', async (_what, list) => {
  const added: object[] = [];
  await registerSearchAttributes(operator(list, added), 'default');
  expect(added).toEqual([]);
});

test('another worker may be faster', async () => {
  await registerSearchAttributes(operator({}, [], grpc(6)), 'default');
});

test('attributes that are missing and may not be added are named with type and command', async () => {
  const failure = await failureOf(registerSearchAttributes(operator({}, [], PERMISSION_DENIED), 'prod'));
  expect(failure).toMatchObject({
    code: 'TEMPORAL_REFUSED',
    message: expect.stringMatching(/namespace "prod" \(LeafspanTopology, LeafspanPhase, LeafspanState\).*not for you/),
    hint: expect.stringMatching(/search-attribute create -n prod --name LeafspanTopology --type Keyword/),
  });
});
