import { expect, test } from '@jest/globals';
import { hubScope, leafScope, settingsOf } from '../../src/contract/topology/scope.js';
import type { Topology } from '../../src/contract/topology/topology.js';
import { openingsOf } from '../../src/domain/hosts/firewall/openings.js';
import { partsOf } from '../../src/parts/list.js';
import { LOAD_BALANCER, meshMode, nginxEdge, twoClusters } from '../support/topologies.js';

const loadBalancer: Partial<Topology> = { link: { mode: 'mesh', gateway: LOAD_BALANCER } };

test.each<[what: string, changes: Partial<Topology>]>([
  ['direct links', {}],
  ['direct links through NGINX', nginxEdge()],
  ['a mesh on node ports', meshMode],
  ['a mesh on a load balancer', loadBalancer],
])('with %s every port that a part dials is one that the firewall lets in', (_what, changes) => {
  const topology = twoClusters(changes);
  const dialled = topology.leaves.flatMap((leaf) => {
    const scope = leafScope(settingsOf(topology), leaf);
    return partsOf(scope).flatMap((part) => part.dials?.(scope) ?? []);
  });
  const [hub] = openingsOf(topology);
  const open = hub?.openings.map(({ port }) => port);
  expect(dialled.length).toBeGreaterThan(1);
  expect(dialled.filter(({ port }) => open?.includes(port) !== true)).toEqual([]);
});

test.each<[edge: string, changes: Partial<Topology>]>([
  ['a node port', {}],
  ['NGINX', nginxEdge()],
])('with %s what the hub lets in is what its parts listen on, and SSH', (_edge, changes) => {
  const topology = twoClusters({ ...meshMode, ...changes });
  const scope = hubScope(topology);
  const listened = partsOf(scope).flatMap((part) => [...(part.listens?.(scope) ?? [])]);
  const [hub] = openingsOf(topology);
  const open = hub?.openings.flatMap(({ port }) => (port === undefined || port === 22 ? [] : [port])) ?? [];
  expect(open.filter((port) => !listened.includes(port))).toEqual([]);
});
