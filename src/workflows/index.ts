export { ProvisionCluster } from './provision-cluster.js';
export { ProvisionCrossClusterNats } from './provision-cross-cluster-nats.js';
export { Teardown } from './teardown.js';
