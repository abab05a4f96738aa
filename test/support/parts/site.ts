import { given } from '../../../src/contract/topology/given.js';
import { hubScope, leafScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import type { Ports } from '../../../src/parts/ports.js';
import { Site } from '../../../src/parts/site.js';
import { twoClusters } from '../topologies.js';

/** One attempt on the hub of two clusters, or on what the scope names. */
export const siteOf = (ports: Ports, scope: Scope = hubScope(twoClusters())): Site =>
  new Site(ports, scope, { signal: new AbortController().signal, heartbeat: () => undefined });

/** The first leaf of a topology. */
export function firstLeaf(topology: Topology = twoClusters()): Scope {
  const [leaf] = topology.leaves;
  if (leaf === undefined) throw new RangeError('a topology without leaves');
  return leafScope(topology, leaf);
}

/** A run that brings the cluster new certificates and nothing else. */
export const renewing = (scope: Scope, withinDays?: number): Scope => ({
  ...scope,
  settings: { ...scope.settings, renewal: { alone: true, ...given({ withinDays }) } },
});
