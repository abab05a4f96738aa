import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { GATEWAY, LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE } from '../../../../src/domain/linkerd/names.js';
import type { ManifestObject, ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import type { HostModel } from '../hosts/host-model.js';
import { NatsServerModel } from '../nats/nats-server-model.js';
import { parsed, type AnyObject, type Stored } from './objects.js';
import { podOf, workloadsOf } from './pods.js';
import { Store } from './store.js';
import { readyAt, selects, workloadStatus, type Surroundings } from './workloads.js';

const INJECTOR = 'linkerd-proxy-injector';

/** What the API server of one K3s knows. Controllers and kubelet are worked out when somebody looks. */
export class ClusterModel {
  readonly store: Store;
  readonly broker: NatsServerModel;
  readonly leafNode: NatsServerModel;
  readonly #host: HostModel;
  #nodeReady: { apiReadyAt: number; at: number } | undefined;

  constructor(host: HostModel) {
    this.#host = host;
    this.store = new Store(host.name, host.times);
    this.broker = new NatsServerModel(this, 'nats-broker');
    this.leafNode = new NatsServerModel(this, 'nats-leaf');
  }

  /** When the node became Ready and CoreDNS available, with the K3s that runs now. */
  get nodeReadyAt(): number | undefined {
    const apiReadyAt = this.#host.k3s.readyAt;
    if (apiReadyAt === undefined) return undefined;
    if (this.#nodeReady?.apiReadyAt !== apiReadyAt)
      this.#nodeReady = { apiReadyAt, at: apiReadyAt + this.#host.times.work('nodeReady') };
    return this.#nodeReady.at;
  }

  get nodeIsReady(): boolean {
    return isPast(this.nodeReadyAt);
  }

  /** A server that runs has read its configuration before it is changed. */
  apply(object: ManifestObject): KubernetesObject {
    this.broker.settle();
    this.leafNode.settle();
    return this.#seen(this.store.apply(object));
  }

  preview(object: ManifestObject): { live: KubernetesObject | undefined; applied: KubernetesObject | undefined } {
    const { live, applied } = this.store.preview(object);
    return { live: live && this.#seen(live), applied: applied && this.#seen(applied) };
  }

  read(ref: ObjectRef): AnyObject | undefined {
    const stored = this.store.find(ref);
    return stored && this.#seen(stored);
  }

  remove(ref: ObjectRef): boolean {
    if (ref.kind !== 'Pod' || this.store.find(ref) !== undefined) return this.store.remove(ref);
    const owner = workloadsOf(this.store).find(({ pod }) => pod === ref.metadata.name);
    if (owner !== undefined) this.store.roll(owner.ref);
    return owner !== undefined;
  }

  pods(namespace: string, selector: string): V1Pod[] {
    return workloadsOf(this.store)
      .filter(({ object, labels }) => object.metadata.namespace === namespace && selects(selector, labels))
      .filter(({ object }) => object.spec?.['replicas'] !== 0)
      .map((workload) => podOf(this, workload, this.around));
  }

  /** When the one pod of a workload was ready or will be; undefined: not as things are. */
  readyAt(kind: 'StatefulSet' | 'Deployment', name: string, namespace: string): number | undefined {
    const stored = this.store.find({ apiVersion: 'apps/v1', kind, metadata: { name, namespace } });
    return stored && readyAt(parsed(stored.json), stored, this.around);
  }

  isUp(kind: 'StatefulSet' | 'Deployment', name: string, namespace: string): boolean {
    return isPast(this.readyAt(kind, name, namespace));
  }

  /** Whether Linkerd's gateway takes connections at a port of the host. */
  gatewayListensAt(port: number): boolean {
    const metadata = { name: GATEWAY, namespace: MULTICLUSTER_NAMESPACE };
    const ports = this.read({ apiVersion: 'v1', kind: 'Service', metadata })?.spec?.ports ?? [];
    const listens = ports.some(({ nodePort, port: own }) => (nodePort ?? own) === port);
    return listens && this.isUp('Deployment', GATEWAY, MULTICLUSTER_NAMESPACE);
  }

  get around(): Surroundings {
    return {
      nodeReadyAt: this.nodeReadyAt,
      has: (kind, namespace, name) =>
        this.store.find({ apiVersion: 'v1', kind, metadata: { name, namespace } }) !== undefined,
      hasImage: (reference) => this.#host.hasImage(reference),
      refusesPodsOf: (namespace) =>
        ![LINKERD_NAMESPACE, 'kube-system'].includes(namespace) &&
        this.store.all('MutatingWebhookConfiguration').length > 0 &&
        !this.isUp('Deployment', INJECTOR, LINKERD_NAMESPACE),
    };
  }

  #seen(stored: Stored): AnyObject {
    const live = this.store.live(stored);
    const status = this.#statusOf(live, stored);
    return status === undefined ? live : { ...live, ...status };
  }

  #statusOf(live: AnyObject, stored: Stored): object | undefined {
    switch (live.kind) {
      case 'StatefulSet':
      case 'Deployment':
        return { status: workloadStatus(stored, isPast(readyAt(live, stored, this.around))) };
      case 'CustomResourceDefinition':
        return { status: { conditions: [{ type: 'Established', status: 'True' }] } };
      case 'Pod':
        return { status: { phase: Date.now() < stored.rolledAt + stored.startMs ? 'Pending' : 'Succeeded' } };
      case 'Secret':
        return live.type === 'kubernetes.io/service-account-token' ? { data: this.#tokenOf(stored) } : undefined;
      default:
        return undefined;
    }
  }

  /** What the token controller fills in. */
  #tokenOf({ uid }: Stored): Record<string, string> {
    return { token: btoa(`token of ${uid} on ${this.#host.name}`), 'ca.crt': btoa(`CA of ${this.#host.name}`) };
  }
}

const isPast = (time: number | undefined): boolean => time !== undefined && Date.now() >= time;
