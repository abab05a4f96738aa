import { expect, test } from '@jest/globals';
import { fieldDiff, textDiff } from '../../../src/domain/kubernetes/diff.js';
import { brokerConf } from '../../../src/domain/nats/conf.js';

const fingerprint = (): string => 'sha256:00000000';
const service = (spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec });

test.each<[what: string, before: object, after: object, lines: string[]]>([
  ['nothing', service({ a: 1 }), service({ a: 1 }), []],
  ['a field', service({ ports: [{ port: 1 }] }), service({ ports: [{ port: 2 }] }), ['spec.ports[0].port: 1 → 2']],
  ['a new field', service({}), service({ a: 'x' }), ['spec.a: (none) → x']],
  ['what the API server writes', service({}), { ...service({}), metadata: { name: 'a', resourceVersion: '2' } }, []],
  ['lines of a text', service({ conf: 'a\nb' }), service({ conf: 'a\nc' }), ['spec.conf: - b', 'spec.conf: + c']],
])('an object differs in %s', (_what, before, after, lines) => {
  expect(fieldDiff(before, after, fingerprint)).toEqual(lines);
});

test('data of a Secret shows as fingerprints', () => {
  const secret = (key: string): object => ({ kind: 'Secret', metadata: { name: 'a' }, data: { 'tls.key': key } });
  expect(fieldDiff(secret('b2xk'), secret('bmV3'), fingerprint)).toEqual([
    'data.tls.key: sha256:00000000 → sha256:00000000',
  ]);
});

const confOf = (leaves: number, cluster = 'cluster-a'): string =>
  brokerConf({
    cluster,
    leaves: Array.from({ length: leaves }, (_, index) => `site-${index}`),
    subject: 'a.b',
    accounts: [],
  });

test('one leaf that joins a thousand is a few lines', () => {
  const lines = textDiff(confOf(999), confOf(1_000));
  expect(lines.length).toBeLessThan(15);
  expect(lines).toContain('+       user: "leaf-site-999.nats.local"');
});

test('a difference of thousands of lines is cut, and says so', () => {
  const lines = textDiff(confOf(1_000), confOf(1_000, 'cluster-x'));
  expect(lines).toHaveLength(201);
  expect(lines.at(-1)).toMatch(/^… and \d+ more lines$/);
});
