export { PlanTopology } from './plan-topology.js';
export { ProvisionCluster } from './provision-cluster.js';
export { ProvisionCrossClusterNats } from './provision-cross-cluster-nats.js';
export { RemoveCluster } from './remove-cluster.js';
export { Teardown } from './teardown.js';
export { VerifyTopology } from './verify-topology.js';
