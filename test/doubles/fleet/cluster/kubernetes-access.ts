import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { ProvisionError } from '../../../../src/contract/errors.js';
import type { Host } from '../../../../src/contract/topology/topology.js';
import type { ManifestObject, ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import type { CallOptions, Clock, KubernetesAccess, KubernetesCluster } from '../../../../src/parts/ports.js';
import type { ModelledHosts } from '../hosts/host-shell.js';
import type { HostModel } from '../hosts/host-model.js';
import { withMirror } from '../linkerd/mirror.js';
import { injected } from '../linkerd/proxies.js';
import { programLog } from '../nats/program-log.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import { podIn } from './objects.js';
import { respondToGet } from './paths.js';

/** API servers in memory; each call takes its time, and none responds while K3s does not run. */
export class ModelledKubernetes implements KubernetesAccess {
  readonly #world: World;
  readonly #hosts: ModelledHosts;
  readonly #clock: Clock;
  readonly #known = new Set<string>();

  constructor(world: World, hosts: ModelledHosts, clock: Clock) {
    this.#world = world;
    this.#hosts = hosts;
    this.#clock = clock;
  }

  async cluster(host: Host, { signal }: CallOptions): Promise<KubernetesCluster> {
    await this.#hosts.reach(host, { signal });
    this.#known.add(host.name);
    return new ModelledCluster(this.#world, host, this.#clock, signal);
  }

  isKnown({ name }: Host): boolean {
    return this.#known.has(name);
  }
}

class ModelledCluster implements KubernetesCluster {
  readonly #world: World;
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(world: World, host: Host, clock: Clock, signal: AbortSignal) {
    this.#world = world;
    this.#host = host;
    this.#clock = clock;
    this.#signal = signal;
  }

  async apply(objects: readonly ManifestObject[]): Promise<KubernetesObject[]> {
    const applied: KubernetesObject[] = [];
    for (const object of objects)
      applied.push(await this.#call(`apply ${object.metadata.name}`, ({ cluster }) => cluster.apply(object)));
    return applied;
  }

  async preview(object: ManifestObject) {
    const seen = await this.#call(`read ${object.metadata.name}`, ({ cluster }) => cluster.preview(object));
    if (seen.live !== undefined) await this.#call(`dry run of ${object.metadata.name}`, () => undefined);
    return seen;
  }

  dryRun<T extends KubernetesObject>(object: T & ManifestObject): Promise<T> {
    return this.#call(`dry run of ${object.metadata.name}`, ({ cluster }) => {
      if (object.kind !== 'Pod') unmodelled(`a dry run of ${object.kind ?? '?'}`);
      const { spec } = injected(cluster, podIn(JSON.stringify(object)));
      return { ...object, spec };
    });
  }

  read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined> {
    return this.#call(`read ${ref.metadata.name}`, (host) => {
      const seen = withMirror(this.#world, host, ref, host.cluster.read(ref));
      return seen as unknown as T | undefined; // the caller says which object it asks for
    });
  }

  remove(ref: ObjectRef): Promise<boolean> {
    return this.#call(`delete ${ref.metadata.name}`, ({ cluster }) => cluster.remove(ref));
  }

  pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    return this.#call('list pods', ({ cluster }) => cluster.pods(namespace, labelSelector));
  }

  podLogs(namespace: string, pod: string, { sinceSeconds }: { sinceSeconds: number }): Promise<string> {
    return this.#call(`logs of ${pod}`, (host) => programLog(this.#world, host, { namespace, pod, sinceSeconds }));
  }

  get(path: string): Promise<{ status: number; body: string }> {
    return this.#call(`GET ${path}`, (host) => respondToGet(this.#world, host, path));
  }

  async #call<T>(what: string, work: (host: HostModel) => T): Promise<T> {
    const host = this.#world.hostOf(this.#host);
    await this.#clock.sleep(host.times.network('call'), this.#signal);
    if (host.k3s.state === 'active') return work(host);
    const message = `${what}: no answer from the Kubernetes API: connect ECONNREFUSED 127.0.0.1:6443`;
    throw new ProvisionError('KUBE_API_FAILED', message, undefined, {
      host: this.#host.name,
      cluster: this.#host.cluster,
    });
  }
}
