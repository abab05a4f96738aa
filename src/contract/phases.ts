/** The phases of a provisioning run, in order. */
export const PHASES = ['preflight', 'pki', 'clusters', 'link', 'messaging', 'verify'] as const;
export type PhaseName = (typeof PHASES)[number];

/** The phases that the topology's `approvals` can gate: preflight changes nothing, and makes the plan that is approved. */
export const GATED_PHASES = ['pki', 'clusters', 'link', 'messaging', 'verify'] as const satisfies readonly PhaseName[];

/** The phases of a teardown, in order. */
export const TEARDOWN_PHASES = ['leaves', 'broker', 'clusters', 'keys'] as const;
export type TeardownPhaseName = (typeof TEARDOWN_PHASES)[number];

/** What each phase does, for people. */
export const PHASE_TITLES: Readonly<Record<PhaseName | TeardownPhaseName, string>> = {
  preflight: 'look at every host, make the plan',
  pki: 'certificates and keys',
  clusters: 'Kubernetes on every host',
  link: 'the broker and the way to it',
  messaging: 'leaf nodes, publisher, subscriber',
  verify: 'prove that messages cross',
  leaves: 'stop the leaf nodes',
  broker: 'stop the broker',
  keys: 'keys of the topology',
};
