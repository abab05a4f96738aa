// The order of test files when Jest has no times of earlier runs, as in a fresh clone: those that take longest come first, so
// that none is left to run on its own at the end.
import { statSync } from 'node:fs';

/** Slowest first. */
const SLOW = [
  ...['lab/mesh', 'lab/provision', 'lab/seeded-changes', 'lab/mesh-clusters', 'lab/firewalls'],
  ...['fleet/fleet', 'doctor/mesh', 'workflows/fleet/continue', 'workflows/fleet/rollout', 'workflows/approvals'],
  ...['fleet/postgresql', 'starters/run-control', 'workflows/provision', 'workflows/teardown', 'starters/provision'],
  ...['adapters/nats/stream-outages', 'adapters/nats/accounts', 'adapters/ssh/upload', 'adapters/ssh/connect'],
];

function rankOf({ path }) {
  const rank = SLOW.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return rank === -1 ? SLOW.length : rank;
}

const sizeOf = ({ path }) => statSync(path).size;

/** What Jest asks of a sequencer. */
export default class SlowestFirst {
  sort(tests) {
    return [...tests].sort((one, other) => rankOf(one) - rankOf(other) || sizeOf(other) - sizeOf(one));
  }

  cacheResults() {}
}
