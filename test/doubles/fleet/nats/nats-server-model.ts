import { NATS_NAMESPACE } from '../../../../src/domain/nats/names.js';
import { SECRETS } from '../../../../src/domain/nats/objects/secrets.js';
import type { ClusterModel } from '../cluster/cluster-model.js';

interface Process {
  since: number;
  /** Configuration file in the pod, and the one that the server has loaded. */
  file: string;
  loaded: string;
  loadedAt: number;
  /** The server's certificate that it has loaded, PEM. */
  certificate: string;
}

/** The NATS server of a cluster: it runs while its pod is ready, with the configuration that it has loaded. */
export class NatsServerModel {
  readonly #cluster: ClusterModel;
  readonly #app: 'nats-broker' | 'nats-leaf';
  #process: Process | undefined;

  constructor(cluster: ClusterModel, app: 'nats-broker' | 'nats-leaf') {
    this.#cluster = cluster;
    this.#app = app;
  }

  /** The process that runs now; undefined: none. A pod that has started has read its configuration. */
  settle(): Process | undefined {
    const since = this.#cluster.readyAt('StatefulSet', this.#app, NATS_NAMESPACE);
    if (since === undefined || Date.now() < since) this.#process = undefined;
    else if (this.#process?.since !== since) {
      const conf = this.#configMap();
      this.#process = { since, file: conf, loaded: conf, loadedAt: since, certificate: this.certificate() };
    }
    return this.#process;
  }

  /** The kubelet brings the ConfigMap into the pod. */
  refresh(): void {
    const process = this.settle();
    if (process !== undefined) process.file = this.#configMap();
  }

  reload(): void {
    const process = this.settle();
    if (process === undefined) return;
    process.certificate = this.certificate();
    if (process.loaded === process.file) return;
    process.loaded = process.file;
    process.loadedAt = Date.now();
  }

  /** The kubelet brings a Secret into the pod at once. */
  certificate(name: string = this.#app === 'nats-broker' ? SECRETS.broker : SECRETS.leaf): string {
    const metadata = { name, namespace: NATS_NAMESPACE };
    const data = this.#cluster.read({ apiVersion: 'v1', kind: 'Secret', metadata })?.data;
    return Buffer.from(data?.['tls.crt'] ?? '', 'base64').toString();
  }

  #configMap(): string {
    const metadata = { name: `${this.#app}-config`, namespace: NATS_NAMESPACE };
    return this.#cluster.read({ apiVersion: 'v1', kind: 'ConfigMap', metadata })?.data?.['nats.conf'] ?? '';
  }
}
