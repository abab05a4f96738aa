/** The phases of a provisioning run, in order. */
export const PHASES = ['preflight', 'pki', 'clusters', 'link', 'messaging', 'verify'] as const;
export type PhaseName = (typeof PHASES)[number];

/** The phases that the topology's `approvals` can gate: preflight changes nothing, and makes the plan that is approved. */
export const GATED_PHASES = ['pki', 'clusters', 'link', 'messaging', 'verify'] as const satisfies readonly PhaseName[];

/** The phases of a teardown, in order. */
export const TEARDOWN_PHASES = ['leaves', 'hub', 'keys'] as const;
export type TeardownPhaseName = (typeof TEARDOWN_PHASES)[number];

/** What each phase does, for people. */
export const PHASE_TITLES: Readonly<Record<PhaseName | TeardownPhaseName, string>> = {
  preflight: 'look at every host and make the plan',
  pki: 'issue certificates',
  clusters: 'install Kubernetes',
  link: 'start the broker and the link',
  messaging: 'start leaf nodes and programs',
  verify: 'check that messages cross',
  leaves: 'remove the leaves',
  hub: 'remove the hub',
  keys: 'delete the keys',
};
