import { FIELD_MANAGER } from '../../../../src/contract/names.js';
import { ProvisionError } from '../../../../src/contract/errors.js';
import type { ManifestObject, ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import { hashOf, type Times } from '../pace.js';
import { unmodelled } from '../unmodelled.js';
import { definitionIn, Kinds } from './kinds.js';
import { addressOf, keyOf, parsed, textOf, type AnyObject, type Stored } from './objects.js';

/** What is written in full by whoever applies: the fields of an object are those of its latest manifest. */
export class Store {
  readonly #objects = new Map<string, Stored>();
  readonly #kinds = new Kinds();
  readonly #times: Times;
  readonly #name: string;
  version = 1_000;

  constructor(name: string, times: Times) {
    this.#name = name;
    this.#times = times;
  }

  apply(object: ManifestObject): Stored {
    this.#admit(object);
    const key = keyOf(object);
    const before = this.#objects.get(key);
    const json = textOf(object);
    if (before?.json === json) return before;
    const stored = this.#next(before, json);
    this.#objects.set(key, stored);
    const { kind, spec } = parsed(json);
    if (kind === 'CustomResourceDefinition') this.#kinds.define(definitionIn(json));
    if (kind === 'Pod' && spec?.template !== undefined) unmodelled('a Pod with a template');
    return stored;
  }

  /** What `apply` would make of the object. */
  preview(object: ManifestObject): { live: Stored | undefined; applied: Stored | undefined } {
    const live = this.#objects.get(keyOf(object));
    if (live === undefined) return { live, applied: undefined };
    this.#admit(object);
    const json = textOf(object);
    return { live, applied: json === live.json ? live : this.#next(live, json) };
  }

  find(ref: ObjectRef | ManifestObject): Stored | undefined {
    return this.#objects.get(keyOf(ref));
  }

  all(kind: string): { stored: Stored; object: AnyObject }[] {
    return [...this.#objects]
      .filter(([key]) => key.includes(` ${kind} `))
      .map(([, stored]) => ({ stored, object: parsed(stored.json) }));
  }

  remove(ref: ObjectRef): boolean {
    const removed = this.#objects.delete(keyOf(ref));
    if (removed && ref.kind === 'Namespace')
      for (const key of this.#objects.keys()) if (key.split(' ')[2] === ref.metadata.name) this.#objects.delete(key);
    return removed;
  }

  clear(): void {
    this.#objects.clear();
  }

  /** The pods of a workload start again. */
  roll(ref: ObjectRef): void {
    const stored = this.#objects.get(keyOf(ref));
    if (stored !== undefined) Object.assign(stored, { rolledAt: Date.now(), startMs: this.#times.work('podStart') });
  }

  /** The object as the API server returns it, without the status. */
  live({ json, uid, createdAt, appliedAt, generation, version }: Stored): AnyObject {
    const object = parsed(json);
    const creationTimestamp = new Date(createdAt);
    const managedFields = [
      { manager: FIELD_MANAGER, operation: 'Apply', time: new Date(appliedAt), fieldsV1: { 'f:metadata': {} } },
    ];
    const server = { uid, generation, resourceVersion: String(version), creationTimestamp, managedFields };
    const live: AnyObject = { ...object, metadata: { ...object.metadata, ...server } };
    return live.kind === 'Service' ? withAddress(live) : live;
  }

  #next(before: Stored | undefined, json: string): Stored {
    const now = Date.now();
    const template = (text: string | undefined): string =>
      JSON.stringify(text === undefined ? undefined : parsed(text).spec?.template);
    const rolls = before === undefined || template(before.json) !== template(json);
    this.version += 1;
    return {
      json,
      uid: before?.uid ?? `${hashOf(this.#name).toString(16)}-${this.version}`,
      createdAt: before?.createdAt ?? now,
      appliedAt: now,
      generation: (before?.generation ?? 0) + 1,
      version: this.version,
      rolledAt: rolls ? now : before.rolledAt,
      startMs: rolls ? this.#times.work('podStart') : before.startMs,
    };
  }

  /** @throws ProvisionError KUBE_API_FAILED for what no API server takes */
  #admit({ apiVersion = '', kind = '', metadata: { name, namespace } }: ManifestObject): void {
    const scope = this.#kinds.scopeOf(apiVersion, kind);
    if (scope === undefined) throw refused(`the Kubernetes API does not know ${apiVersion} ${kind}`);
    if (scope === 'cluster' && namespace !== undefined) unmodelled(`${kind} ${name} in a namespace`);
    if (scope === 'cluster') return;
    if (namespace === undefined) unmodelled(`${kind} ${name} without a namespace`);
    const place = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    if (namespace !== 'kube-system' && namespace !== 'default' && this.find(place) === undefined)
      throw refused(`namespaces "${namespace}" not found`);
  }
}

const refused = (message: string): ProvisionError => new ProvisionError('KUBE_API_FAILED', message);

function withAddress(service: AnyObject): AnyObject {
  const { namespace = '', name } = service.metadata;
  return { ...service, spec: { clusterIP: addressOf(namespace, name), ...service.spec } };
}
