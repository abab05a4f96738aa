import type { Host } from '../contract/topology.js';

/** What an apply changed, and what went with it, for people. */
export const applied = (
  changes: readonly string[],
  { cluster }: Host,
  removed: readonly string[] = [],
): { changed: string[] } => ({
  changed: [
    ...changes.map((change) => `applied ${change} on ${cluster}`),
    ...removed.map((object) => `removed ${object} on ${cluster}`),
  ],
});
