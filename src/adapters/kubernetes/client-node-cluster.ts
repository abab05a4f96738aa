import type * as ClientNode from '@kubernetes/client-node';
import type { Configuration, CoreV1Api, KubernetesObject, KubernetesObjectApi, V1Pod } from '@kubernetes/client-node';
import { fetch, type Agent } from 'undici';
import type { KubernetesCluster, ManifestObject, ObjectRef } from '../../activities/ports.js';
import { FIELD_MANAGER } from '../../contract/names.js';
import type { Host } from '../../domain/topology/types.js';
import { apiError, statusOf } from './api-errors.js';

const CALL_TIMEOUT_MS = 15_000;
/** The agent does not look at it: the stream leads where it leads. */
const BASE = 'https://kubernetes:6443';
const NOT_FOUND = 404;
const UNAUTHORIZED = 401;

interface ClusterContext {
  library: typeof ClientNode;
  agent: Agent;
  host: Host;
  signal: AbortSignal;
  /** Credentials are refused or the connection is gone: the next one begins anew. */
  forget: () => void;
}

export class ClientNodeCluster implements KubernetesCluster {
  readonly #context: ClusterContext;
  readonly #objects: KubernetesObjectApi;
  readonly #core: CoreV1Api;

  constructor(context: ClusterContext) {
    const { CoreV1Api, KubernetesObjectApi } = context.library;
    this.#context = context;
    const configuration = configurationOf(context);
    this.#objects = new (KubernetesObjectApi as unknown as new (c: Configuration) => KubernetesObjectApi)(
      configuration,
    );
    this.#core = new CoreV1Api(configuration);
  }

  async apply(objects: readonly ManifestObject[]): Promise<string[]> {
    const { PatchStrategy } = this.#context.library;
    const changed: string[] = [];
    for (const object of objects) {
      const before = await this.#find(object);
      const after = await this.#call(`apply ${nameOf(object)}`, object, () =>
        // The client fills in a missing namespace: on a copy.
        this.#objects.patch(
          structuredClone(object),
          undefined,
          undefined,
          FIELD_MANAGER,
          true,
          PatchStrategy.ServerSideApply,
        ),
      );
      if (before?.metadata?.resourceVersion !== after.metadata.resourceVersion) changed.push(nameOf(object));
    }
    return changed;
  }

  async read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined> {
    return (await this.#find(ref)) as T | undefined;
  }

  remove(ref: ObjectRef, gracePeriodSeconds?: number): Promise<boolean> {
    return this.#call(`delete ${nameOf(ref)}`, ref, async () => {
      try {
        await this.#objects.delete(
          structuredClone(ref),
          undefined,
          undefined,
          gracePeriodSeconds,
          undefined,
          'Background',
        );
        return true;
      } catch (error) {
        if (statusOf(error) === NOT_FOUND) return false;
        throw error;
      }
    });
  }

  async pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    return this.#call(`list pods of ${namespace}`, undefined, async () => {
      return (await this.#core.listNamespacedPod({ namespace, labelSelector })).items;
    });
  }

  podLogs(namespace: string, pod: string, { sinceSeconds }: { sinceSeconds: number }): Promise<string> {
    return this.#call(`logs of ${namespace}/${pod}`, undefined, () =>
      this.#core.readNamespacedPodLog({ name: pod, namespace, sinceSeconds }),
    );
  }

  get(path: string): Promise<{ status: number; body: string }> {
    return this.#call(`GET ${path}`, undefined, async () => {
      const signal = callSignal(this.#context.signal);
      const response = await fetch(BASE + path, { dispatcher: this.#context.agent, signal });
      return { status: response.status, body: await response.text() };
    });
  }

  #find(ref: ObjectRef | ManifestObject): Promise<KubernetesObject | undefined> {
    return this.#call(`read ${nameOf(ref)}`, ref, async () => {
      try {
        return await this.#objects.read(structuredClone(ref));
      } catch (error) {
        if (statusOf(error) === NOT_FOUND) return undefined;
        throw error;
      }
    });
  }

  async #call<T>(what: string, object: KubernetesObject | undefined, work: () => Promise<T>): Promise<T> {
    const { signal, host, forget } = this.#context;
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const status = statusOf(error);
      if (status === undefined || status === UNAUTHORIZED) forget();
      throw apiError(error, what, { host: host.name, cluster: host.cluster }, object?.kind === 'Secret');
    }
  }
}

/** Authentication is the client certificate of the agent's connections, so the one hook only hands the agent over. */
function configurationOf({ library, agent, signal }: ClusterContext): Configuration {
  return library.createConfiguration({
    baseServer: new library.ServerConfiguration(BASE, {}),
    authMethods: {
      default: {
        getName: () => 'client certificate',
        applySecurityAuthentication: (call) => call.setDispatcher(agent),
      },
    },
    promiseMiddleware: [
      {
        pre: (call) => {
          call.setSignal(callSignal(signal));
          return Promise.resolve(call);
        },
        post: (response) => Promise.resolve(response),
      },
    ],
  });
}

const callSignal = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind ?? '?'}/${metadata?.name ?? '?'}`;
