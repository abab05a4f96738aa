import type { Cluster, Host, Topology } from '../contract/topology.js';
import type { Changed, StepCall } from './run.js';

/** One step of a phase on one host. */
export type Step = (id: string, title: string, invoke: (call: StepCall) => Promise<Changed>) => Promise<Changed>;

/** All that a link mode adds to a run. Whatever is not here is the same in every mode. */
export interface LinkMode {
  /** Images that the mode needs besides NATS's. */
  images(topology: Topology): string[];
  /** The end of a cluster's own work: Kubernetes answers, images and tools have been sent; `imported` waits for the images. */
  onCluster(topology: Topology, host: Host, step: Step, imported: () => Promise<Changed>): Promise<Changed[]>;
  /** The broker cluster's end of the link, beside the broker itself. */
  onBrokerCluster(topology: Topology, step: Step): Promise<Changed[]>;
  /** A leaf cluster's end, before `connect` and side by side with the broker. */
  onLeafCluster(topology: Topology, leaf: Cluster, step: Step): Promise<Changed[]>;
  /** Ties a leaf cluster to the broker cluster, whose end is up. */
  connect(topology: Topology, leaf: Cluster, step: Step): Promise<Changed[]>;
  /** host:port that a leaf node dials. */
  remote(topology: Topology): string;
}
