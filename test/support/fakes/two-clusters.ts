import type { Host } from '../../../src/contract/topology/topology.js';
import type { KubernetesCluster } from '../../../src/parts/ports.js';
import { FakeCluster } from './kubernetes.js';

/** The hub, and a leaf cluster of its own. */
export class TwoClusters extends FakeCluster {
  readonly leaf = new FakeCluster();

  override cluster(host: Host): Promise<KubernetesCluster> {
    return host.cluster === 'cluster-a' ? super.cluster(host) : this.leaf.cluster(host);
  }
}
