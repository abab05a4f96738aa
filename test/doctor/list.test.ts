import { expect, test } from '@jest/globals';
import { hubScope } from '../../src/contract/topology/scope.js';
import { checksOf } from '../../src/doctor/checks/list.js';
import { twoClusters } from '../support/topologies.js';

test.each([
  ['looks at the programs of the demonstration', undefined, true],
  ['looks for no program where the topology has no demonstration', false, false],
])('doctor %s', (_what, demo, expected) => {
  const topology = twoClusters();
  const nats = demo === undefined ? topology.nats : { ...topology.nats, demo };
  const ids = checksOf(hubScope({ ...topology, nats })).map(({ check }) => check.id);
  expect(ids.includes('programs-run')).toBe(expected);
});
