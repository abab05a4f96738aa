import type { CallOptions, KubernetesAccess, KubernetesCluster } from '../../parts/ports.js';
import type { Host } from '../../contract/topology/topology.js';
import { ClientNodeCluster } from './client-node-cluster.js';
import { Connections, type ConnectionSources } from './connections.js';

export type ClientNodeKubernetesOptions = ConnectionSources;

/** The import costs some tenths of a second: done early, no activity waits for it. */
export const warm = async (): Promise<void> => {
  await import('./library.js');
};

export class ClientNodeKubernetes implements KubernetesAccess {
  readonly #connections: Connections;

  constructor(options: ClientNodeKubernetesOptions, idleMs?: number) {
    this.#connections = new Connections(options, idleMs);
  }

  async cluster(host: Host, { signal }: CallOptions): Promise<KubernetesCluster> {
    await this.#connections.to(host, signal); // what is wrong with the host or its credentials shows here
    return new ClientNodeCluster(host, signal, this.#connections);
  }

  isKnown(host: Host): boolean {
    return this.#connections.has(host);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}
