import { expect, test } from '@jest/globals';
import { hubScope, leafScope, settingsOf } from '../../src/contract/topology/scope.js';
import { twoClusters, twoLeaves } from '../support/topologies.js';

const managed = twoClusters({ leaves: twoLeaves(), firewall: 'manage' });

test('only the work on a hub that opens its firewall knows the addresses of the leaves', () => {
  expect(hubScope(managed).leafAddresses).toEqual(['192.0.2.20', '192.0.2.30']);
  expect(hubScope(twoClusters()).leafAddresses).toBeUndefined();
  const [leaf = managed.broker] = managed.leaves;
  expect(leafScope(settingsOf(managed), leaf).leafAddresses).toBeUndefined();
});
