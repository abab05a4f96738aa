import { expect, test } from '@jest/globals';
import {
  controllersWithOldCredentials,
  podsOf,
  staleControllers,
} from '../../../src/domain/multicluster/stale-controller.js';

const at = (time: string) => `2026-11-26T10:00:${time}Z`;
const pod = (name: string, started?: string) =>
  ({ metadata: { name, ...(started === undefined ? {} : { creationTimestamp: at(started) }) } }) as never;
const ours = { manager: 'leafspan', operation: 'Apply', time: at('30') };
const status = { manager: 'leafspan', operation: 'Update', subresource: 'status', time: at('50') };
const link = (generation: number, ...managedFields: object[]) => ({ metadata: { generation, managedFields } }) as never;
const pods = [pod('older', '29'), pod('of the same second', '30'), pod('younger', '40'), pod('not started')];

test.each<[link: string, link: Parameters<typeof staleControllers>[0], stale: string[]]>([
  ['a Link that changed', link(2, status, ours), ['older']],
  ['a new Link', link(1, ours), []],
  ['a Link of somebody else', link(2, { ...ours, manager: 'kubectl' }), []],
  ['no Link', undefined, []],
])('%s: names the controllers that knew another one', (_link, seen, stale) => {
  expect(staleControllers(seen, pods)).toEqual(stale);
});

const credentials = (created: string, applied: object = ours) =>
  ({ metadata: { creationTimestamp: at(created), managedFields: [applied] } }) as never;

test.each<[credentials: string, seen: Parameters<typeof staleControllers>[0], stale: string[]]>([
  ['credentials that changed', credentials('10'), ['older']],
  ['new credentials', credentials('30'), []],
  ['credentials of others', credentials('10', { ...ours, manager: 'kubectl' }), []],
  ['no credentials', undefined, []],
])('%s: names the controllers that read others', (_credentials, seen, stale) => {
  expect(controllersWithOldCredentials(seen, pods)).toEqual(stale);
});

test('selects pods by the labels of their Deployment, and none without', () => {
  const deployment = (matchLabels: object) => ({ spec: { selector: { matchLabels } } }) as never;
  expect(podsOf(deployment({ a: 'b', c: 'd' }))).toBe('a=b,c=d');
  expect([podsOf(deployment({})), podsOf(undefined)]).toEqual(['', '']);
});
