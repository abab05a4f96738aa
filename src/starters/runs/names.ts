import { clustersOf, hostsOf, type Topology } from '../../contract/topology/topology.js';

const VERBS = {
  provision: 'Provision',
  plan: 'Plan',
  verify: 'Verify',
  teardown: 'Tear down',
  planRenewal: 'Plan new certificates of',
  renew: 'Renew certificates of',
} as const;

/** One line for the Web UI. */
export function summaryOf(verb: keyof typeof VERBS, topology: Topology, only: readonly string[] | undefined): string {
  const clusters = clustersOf(topology).length;
  const hosts = hostsOf(topology).length;
  const some = only === undefined ? '' : `, only ${listed(only)}`;
  return `${VERBS[verb]} ${topology.name}: ${clusters} clusters on ${hosts} hosts, ${topology.link.mode}${some}`;
}

const MAX_LISTED = 5;

/** Names, the first few of many. */
export function listed(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return more > 1 ? `${names.slice(0, MAX_LISTED).join(', ')} and ${more} more` : names.join(', ');
}
