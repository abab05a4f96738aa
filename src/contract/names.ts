/** Names that the client, the workflows and the worker share. Ids are stable: they are the lock on a topology. */

/** The one task queue of this version; queues per site can follow without a change of the workflows. */
export const TASK_QUEUE = 'leafspan';

export const PROVISION_WORKFLOW = 'ProvisionCrossClusterNats';
export const PLAN_WORKFLOW = 'PlanTopology';
export const VERIFY_WORKFLOW = 'VerifyTopology';
export const TEARDOWN_WORKFLOW = 'Teardown';

export const provisionWorkflowId = (topology: string): string => `provision-${topology}`;
export const clusterWorkflowId = (topology: string, cluster: string): string => `provision-${topology}/${cluster}`;
/** A cluster name cannot start with a dot. */
export const runPlanWorkflowId = (topology: string): string => `provision-${topology}/.plan`;
export const runVerifyWorkflowId = (topology: string): string => `provision-${topology}/.verify`;
/** A plan changes nothing, so it may be made while a run is in progress: it has an id of its own. */
export const planWorkflowId = (topology: string): string => `plan-${topology}`;
export const removalWorkflowId = (topology: string, cluster: string): string => `teardown-${topology}/${cluster}`;
export const verifyWorkflowId = (topology: string): string => `verify-${topology}`;
export const teardownWorkflowId = (topology: string): string => `teardown-${topology}`;

/** Search attributes, all of type Keyword, registered by the worker before its first run. */
export const SEARCH_ATTRIBUTES = {
  topology: 'LeafspanTopology',
  phase: 'LeafspanPhase',
  state: 'LeafspanState',
} as const;

/** A search attribute's key, as Temporal's client and workflows take it. */
export const searchAttributeKey = (name: string): { name: string; type: 'KEYWORD' } => ({ name, type: 'KEYWORD' });

/** The field manager of every server-side apply, and the value of the owner label on every object. */
export const FIELD_MANAGER = 'leafspan';
export const OWNER_LABEL = 'app.kubernetes.io/managed-by';
