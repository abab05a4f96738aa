import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration, KubernetesObject, KubernetesObjectApi, V1Pod } from '@kubernetes/client-node';
import { fetch } from 'undici';
import type { KubernetesCluster, Preview } from '../../parts/ports.js';
import { FIELD_MANAGER } from '../../contract/names.js';
import type { Host } from '../../contract/topology/topology.js';
import { apiError, isForOtherCredentials, isUnknownKind, statusOf } from './api-errors.js';
import { callSignal, configurationOf } from './configuration.js';
import type { Connected, Connections } from './connections.js';
import { mustBePlain, PLAIN } from './plain-response.js';
import { applyDefinition, isDefinition, readDefinition, refusal } from './definitions.js';
import { awaitGone, isRefused, mustBeRemade } from './remake.js';
import { API_ORIGIN } from './stream-dispatcher.js';
import { identityOf, type ManifestObject, type ObjectRef } from '../../domain/kubernetes/objects.js';
import { overlaid } from '../../domain/kubernetes/overlay.js';

const OK = 200;
const NOT_FOUND = 404;
const UNAUTHORIZED = 401;
/** A kind whose definition was applied a moment ago is not known at once. */
const NEW_KIND_MS = 10_000;
const NEW_KIND_POLL_MS = 250;
const LOG_LIMITS = { tailLines: 1_000, limitBytes: 1024 * 1024 };

interface Api {
  connected: Connected;
  objects: KubernetesObjectApi;
}

/** Outlives a lost connection: each call takes the connection that there is then. */
export class ClientNodeCluster implements KubernetesCluster {
  readonly #host: Host;
  readonly #signal: AbortSignal;
  readonly #connections: Connections;
  #latest: Api | undefined;

  constructor(host: Host, signal: AbortSignal, connections: Connections) {
    this.#host = host;
    this.#signal = signal;
    this.#connections = connections;
  }

  async apply(objects: readonly ManifestObject[]): Promise<KubernetesObject[]> {
    const applied: KubernetesObject[] = [];
    for (const object of objects) applied.push(await this.#applyOrRemake(object));
    return applied;
  }

  async preview(object: ManifestObject): Promise<Preview> {
    const live = await this.#find(object);
    if (live === undefined) return { live, applied: undefined };
    try {
      return { live, applied: await this.#apply(object, `dry run of ${nameOf(object)}`, { dryRun: 'All' }) };
    } catch (error) {
      if (!(await mustBeRemade(live, error, () => this.dryRun(object)))) throw error;
      return { live, applied: overlaid(live, object), remade: true };
    }
  }

  async #applyOrRemake(object: ManifestObject): Promise<KubernetesObject> {
    const what = `apply ${nameOf(object)}`;
    try {
      return await this.#apply(object, what, {});
    } catch (error) {
      if (!isRefused(error)) throw error;
      const live = await this.#find(object);
      if (live === undefined || !(await mustBeRemade(live, error, () => this.dryRun(object)))) throw error;
      await this.remove(identityOf(object));
      await awaitGone(() => this.#find(object), this.#signal);
      return this.#apply(object, what, {});
    }
  }

  #apply(object: ManifestObject, what: string, { dryRun }: { dryRun?: 'All' }): Promise<KubernetesObject> {
    return this.#call(what, object, ({ connected, objects: api }) =>
      isDefinition(object)
        ? applyDefinition(object, { ...this.#raw(connected), ...(dryRun === undefined ? {} : { dryRun }) })
        : // The client fills in a missing namespace: on a copy.
          api.patch(
            structuredClone(object),
            undefined,
            dryRun,
            FIELD_MANAGER,
            true,
            connected.library.PatchStrategy.ServerSideApply,
          ),
    );
  }

  async dryRun<T extends KubernetesObject>(object: T & ManifestObject): Promise<T> {
    return this.#call(`dry run of ${nameOf(object)}`, object, ({ objects }) =>
      objects.create(structuredClone(object), undefined, 'All', FIELD_MANAGER),
    );
  }

  async read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined> {
    return (await this.#find(ref)) as T | undefined;
  }

  async remove(ref: ObjectRef, gracePeriodSeconds?: number): Promise<boolean> {
    const gone = await this.#call(`delete ${nameOf(ref)}`, ref, ({ objects }) =>
      this.#orAbsent(
        objects.delete(structuredClone(ref), undefined, undefined, gracePeriodSeconds, undefined, 'Background'),
      ),
    );
    return gone !== undefined;
  }

  pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    return this.#call(`list pods of ${namespace}`, undefined, async ({ objects }) => {
      const none = undefined; // four fields of a call that are not needed
      return (await objects.list<V1Pod>('v1', 'Pod', namespace, none, none, none, none, labelSelector)).items;
    });
  }

  podLogs(namespace: string, pod: string, options: { sinceSeconds: number; container?: string }): Promise<string> {
    const query = Object.entries({ ...options, ...LOG_LIMITS }).map(([name, value]) => `${name}=${value}`);
    return this.#call(`logs of ${namespace}/${pod}`, undefined, async ({ connected }) => {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query.join('&')}`;
      const { status, body } = await this.#get(connected, path);
      if (status !== OK) throw refusal(status, body);
      return body;
    });
  }

  get(path: string): Promise<{ status: number; body: string }> {
    return this.#call(`GET ${path}`, undefined, async ({ connected }) => {
      const response = await this.#get(connected, path);
      if (response.status === UNAUTHORIZED) throw refusal(UNAUTHORIZED, response.body);
      return response;
    });
  }

  async #get(connected: Connected, path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(API_ORIGIN + path, { ...this.#raw(connected), headers: PLAIN });
    mustBePlain(response.headers.get('content-encoding'));
    return { status: response.status, body: await response.text() };
  }

  #find(ref: ObjectRef | ManifestObject): Promise<KubernetesObject | undefined> {
    const { apiVersion = 'v1', kind = '', metadata } = structuredClone(ref);
    return this.#call(`read ${nameOf(ref)}`, ref, ({ connected, objects }) =>
      isDefinition(ref)
        ? readDefinition(metadata.name, this.#raw(connected))
        : this.#orAbsent(objects.read({ apiVersion, kind, metadata })),
    );
  }

  #raw({ dispatcher }: Connected): { dispatcher: Connected['dispatcher']; signal: AbortSignal } {
    return { dispatcher, signal: callSignal(this.#signal) };
  }

  async #call<T>(what: string, object: KubernetesObject | undefined, work: (api: Api) => Promise<T>): Promise<T> {
    const newKindUntil = Date.now() + NEW_KIND_MS;
    let isRenewed = false;
    for (;;) {
      const api = await this.#api();
      try {
        return await work(api);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!isRenewed && isForOtherCredentials(error)) {
          isRenewed = true;
          await this.#connections.forget(this.#host, api.connected);
          continue;
        }
        if (!isUnknownKind(error) || Date.now() > newKindUntil) throw await this.#failure(error, api, what, object);
        this.#latest = undefined; // it remembers which kinds there were
        await sleep(NEW_KIND_POLL_MS, undefined, { signal: this.#signal });
      }
    }
  }

  async #failure(
    error: unknown,
    { connected }: Api,
    what: string,
    object: KubernetesObject | undefined,
  ): Promise<Error> {
    const status = statusOf(error);
    const cut = status === undefined && !isUnknownKind(error);
    if (cut || status === UNAUTHORIZED) await this.#connections.forget(this.#host, connected);
    const where = { host: this.#host.name, cluster: this.#host.cluster };
    return apiError(error, what, where, object?.kind === 'Secret');
  }

  /** What is not there, and what the API does not even know the kind of. */
  async #orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (isUnknownKind(error)) this.#latest = undefined;
      else if (statusOf(error) !== NOT_FOUND) throw error;
      return undefined;
    }
  }

  async #api(): Promise<Api> {
    const connected = await this.#connections.to(this.#host, this.#signal);
    if (this.#latest?.connected === connected) return this.#latest;
    // Its types hide the constructor, in favour of one that wants a KubeConfig and makes connections of its own.
    const Objects = connected.library.KubernetesObjectApi as unknown as new (c: Configuration) => KubernetesObjectApi;
    return (this.#latest = { connected, objects: new Objects(configurationOf(connected, this.#signal)) });
  }
}

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind ?? '?'}/${metadata?.name ?? '?'}`;
