import { clustersOf, hostsOf, type Topology } from '../../contract/topology.js';

/** A plan changes nothing, so it may be made while a run is in progress: it has an id of its own. */
export const planWorkflowId = (topology: string): string => `plan-${topology}`;

const VERBS = { provision: 'Provision', plan: 'Plan', verify: 'Verify', teardown: 'Tear down' } as const;

/** One line for the Web UI. */
export const summaryOf = (verb: keyof typeof VERBS, topology: Topology): string =>
  `${VERBS[verb]} ${topology.name}: ${clustersOf(topology).length} clusters on ${hostsOf(topology).length} hosts, ${topology.link.mode}`;
