import type { Cluster } from '../../../contract/topology/topology.js';

/** The leaves that a run works on. */
export const selected = (leaves: readonly Cluster[], only: readonly string[] | undefined): Cluster[] =>
  leaves.filter(({ name }) => only === undefined || only.includes(name));
