import type { Host } from '../domain/topology/types.js';

/** What an apply changed, for people. */
export const applied = (changes: string[], { cluster }: Host): { changed: string[] } => ({
  changed: changes.map((change) => `applied ${change} on ${cluster}`),
});
