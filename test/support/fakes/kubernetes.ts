import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import type { KubernetesAccess, KubernetesCluster } from '../../../src/parts/ports.js';
import { ProvisionError } from '../../../src/contract/errors.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import type { ManifestObject, ObjectRef } from '../../../src/domain/kubernetes/objects.js';

/** What a workload's controller reports once all is up. */
const UP = {
  currentRevision: 'r1',
  updateRevision: 'r1',
  readyReplicas: 1,
  updatedReplicas: 1,
  availableReplicas: 1,
};

const ESTABLISHED = { conditions: [{ type: 'Established', status: 'True' }] };

const nameOf = ({ kind, metadata }: { kind?: string; metadata: { name: string } }): string =>
  `${kind ?? '?'}/${metadata.name}`;

const keyOf = (object: { kind?: string; metadata: { name: string; namespace?: string } }): string =>
  `${object.metadata.namespace ?? ''} ${nameOf(object)}`;

/** Later than the start of any pod. */
const APPLIED = { manager: 'leafspan', operation: 'Apply', time: '2026-02-01T00:00:00Z' };

const podNamed = (name: string): V1Pod =>
  JSON.parse(
    JSON.stringify({
      metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    }),
  ) as V1Pod;

/** A cluster in memory: it keeps what is applied, and tells what that changed. */
export class FakeCluster implements KubernetesAccess, KubernetesCluster {
  readonly #objects = new Map<string, ManifestObject>();
  readonly #edited = new Set<string>();
  readonly #generations = new Map<string, number>();
  readonly #pods: [selector: string, answers: V1Pod[][]][] = [];
  readonly #paths = new Map<string, { status: number; body: string }>();
  readonly #logs: string[] = [];
  /** Everything that was changed, in order. */
  readonly changes: string[] = [];
  /** Seconds that a removal left to an object, by `Kind/name`. */
  readonly graces = new Map<string, number | undefined>();
  /** Reads of a workload until it is up. */
  slow = 0;
  /** Whether the credentials are at hand from a call before. */
  known = false;
  /** Objects that an apply still brings in before the connection is cut. */
  cutAfter = Infinity;
  /** What admission makes of an object; scripted by the test that needs it. */
  onDryRun: (object: ManifestObject) => Promise<KubernetesObject> = ({ metadata }) =>
    Promise.reject(new Error(`unscripted dry run of ${metadata.name}`));

  cluster(host: Host): Promise<KubernetesCluster> {
    return host.name === '' ? Promise.reject(new Error('a host without a name')) : Promise.resolve(this);
  }

  isKnown(): boolean {
    return this.known;
  }

  apply(objects: readonly ManifestObject[]): Promise<KubernetesObject[]> {
    for (const object of objects) {
      this.cutAfter -= 1;
      if (this.cutAfter < 0) return Promise.reject(new ProvisionError('KUBE_API_FAILED', 'the connection was cut'));
      const edited = this.#edited.delete(keyOf(object));
      if (!edited && JSON.stringify(this.#objects.get(keyOf(object))) === JSON.stringify(object)) continue;
      if (this.#objects.has(keyOf(object))) this.#generations.set(keyOf(object), this.#generationOf(object) + 1);
      this.#objects.set(keyOf(object), object);
      this.changes.push(`applied ${nameOf(object)}`);
    }
    return Promise.resolve(objects.map((object) => this.#live(object)));
  }

  /** Somebody sets fields by hand that we had set: from then on they are his. */
  edit(ref: ObjectRef): this {
    this.#edited.add(keyOf(ref));
    return this;
  }

  /** An object that others made, or a controller filled in; its status is read as it is. */
  put(object: ManifestObject & { status?: unknown }): this {
    this.#objects.set(keyOf(object), object);
    return this;
  }

  read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined> {
    const found = this.#objects.get(keyOf(ref));
    if (found === undefined) return Promise.resolve(undefined);
    return Promise.resolve({ status: this.#statusOf(ref), ...this.#live(found) } as unknown as T);
  }

  async preview(object: ManifestObject) {
    const live = this.#objects.get(keyOf(object));
    if (live === undefined) return { live, applied: undefined };
    const seen = await this.read({ apiVersion: 'v1', kind: '?', ...object });
    const over = ({ metadata, ...rest }: ManifestObject): KubernetesObject =>
      Object.assign({}, seen, rest, { metadata: Object.assign({}, seen?.metadata, metadata) });
    const wanted = over(object);
    return this.#edited.has(keyOf(object))
      ? { live: { ...wanted, edited: true }, applied: wanted }
      : { live: { ...wanted, ...over(live) }, applied: wanted };
  }

  dryRun<T extends KubernetesObject>(object: T & ManifestObject): Promise<T> {
    return this.onDryRun(object) as Promise<T>;
  }

  remove(ref: ObjectRef, gracePeriodSeconds?: number): Promise<boolean> {
    const removed = this.#objects.delete(keyOf(ref));
    if (removed) this.changes.push(`removed ${nameOf(ref)}`);
    if (removed) this.graces.set(nameOf(ref), gracePeriodSeconds);
    if (ref.kind === 'Namespace') this.#removeAllIn(ref.metadata.name);
    return Promise.resolve(removed);
  }

  /** Names of the Ready pods of a selector in turn; the last answer stays. */
  onPods(selector: string, ...answers: string[][]): this {
    this.#pods.push([selector, answers.map((names) => names.map(podNamed))]);
    return this;
  }

  pods(_namespace: string, labelSelector: string): Promise<V1Pod[]> {
    const answers = this.#pods.find(([selector]) => selector === labelSelector)?.[1];
    if (answers === undefined && this.#selects(labelSelector)) return Promise.resolve([]);
    if (answers === undefined) return Promise.reject(new Error(`unscripted pods of ${labelSelector}`));
    return Promise.resolve((answers.length > 1 ? answers.shift() : answers[0]) ?? []);
  }

  onLogs(text: string): this {
    this.#logs.push(text);
    return this;
  }

  podLogs(_namespace: string, pod: string): Promise<string> {
    const [text] = this.#logs;
    return text === undefined ? Promise.reject(new Error(`unscripted log of ${pod}`)) : Promise.resolve(text);
  }

  onGet(path: string, status: number, body: unknown): this {
    this.#paths.set(path, { status, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return this;
  }

  get(path: string): Promise<{ status: number; body: string }> {
    const answer = this.#paths.get(path);
    return answer === undefined ? Promise.reject(new Error(`unscripted path ${path}`)) : Promise.resolve(answer);
  }

  /** Of what there is now, as `Kind/name`, in the order in which it was made. */
  names(): string[] {
    return [...this.#objects.values()].map(nameOf);
  }

  objects(): string {
    return JSON.stringify([...this.#objects.values()]);
  }

  /** Whether a workload that is there has that selector: its pods have nothing to say unless a test scripts them. */
  #selects(labelSelector: string): boolean {
    return [...this.#objects.values()].some((object) => {
      const { selector } = Object.assign({ selector: {} }, Reflect.get(object, 'spec')) as {
        selector: { matchLabels?: object };
      };
      const labels = Object.entries(selector.matchLabels ?? {}).map(([label, value]) => `${label}=${String(value)}`);
      return labels.join(',') === labelSelector;
    });
  }

  /** Pods as the API shows them, such as one whose image cannot be pulled. */
  onPodsSeen(selector: string, ...pods: V1Pod[]): this {
    this.#pods.push([selector, [pods]]);
    return this;
  }

  #live(object: ManifestObject): KubernetesObject {
    const ours = { ...APPLIED, fieldsV1: this.#edited.has(keyOf(object)) ? {} : { 'f:spec': {} } };
    const metadata = Object.assign(
      { generation: this.#generationOf(object), managedFields: [ours] },
      object.metadata,
    ) as object;
    return { ...object, metadata, ...this.#addressOf(object) };
  }

  #generationOf(object: ObjectRef | ManifestObject): number {
    return this.#generations.get(keyOf(object)) ?? 1;
  }

  #removeAllIn(namespace: string): void {
    for (const [key, { metadata }] of this.#objects) if (metadata.namespace === namespace) this.#objects.delete(key);
  }

  #statusOf(ref: ObjectRef): object {
    const up = this.slow <= 0;
    this.slow -= 1;
    if (ref.kind === 'CustomResourceDefinition') return up ? ESTABLISHED : {};
    const observed = { ...UP, observedGeneration: this.#generationOf(ref) };
    return up ? observed : { ...observed, readyReplicas: 0, availableReplicas: 0 };
  }

  #addressOf({ kind }: ManifestObject): object {
    return kind === 'Service' ? { spec: { clusterIP: '10.43.0.9' } } : {};
  }
}
