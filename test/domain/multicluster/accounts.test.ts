import { expect, test } from '@jest/globals';
import { leavesOf, strangersPath } from '../../../src/domain/multicluster/accounts.js';

const PATH = '/api/v1/namespaces/linkerd-multicluster/serviceaccounts?labelSelector=';

test.each<[leaves: string[], selector: string]>([
  [[], 'leafspan.io/leaf'],
  [['cluster-b', 'cluster-c'], 'leafspan.io/leaf,leafspan.io/leaf notin (cluster-b,cluster-c)'],
])('beside %j the API server is asked for %s', (leaves, selector) => {
  const path = strangersPath(leaves);
  expect(path.startsWith(PATH)).toBe(true);
  expect(decodeURIComponent(path.slice(PATH.length))).toBe(selector);
});

test('reads the leaves that accounts are for', () => {
  const items = [{ metadata: { labels: { 'leafspan.io/leaf': 'cluster-z' } } }, { metadata: {} }];
  expect(leavesOf(JSON.stringify({ items }))).toEqual(['cluster-z']);
  expect(leavesOf('{}')).toEqual([]);
});
