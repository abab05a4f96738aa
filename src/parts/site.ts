import type { Host } from '../contract/topology/topology.js';
import { hostOf, isHub, type Scope } from '../contract/topology/scope.js';
import { apiStateScript, parseApiState, type ApiState } from '../domain/k3s/api-state.js';
import type {
  CallOptions,
  Clock,
  KubernetesCluster,
  LocalFile,
  Ports,
  RemoteFile,
  RunOptions,
  RunResult,
  Tunnel,
} from './ports.js';

/** What one attempt of an activity has in addition to its input. */
export interface Work {
  signal: AbortSignal;
  /** Reports to the server, and the Web UI, what is being done. */
  heartbeat: (detail: string) => void;
}

/** One cluster and the hub, as one attempt reaches them: every call carries the attempt's cancellation. */
export class Site {
  readonly scope: Scope;
  readonly host: Host;
  readonly ports: Ports;
  readonly work: Work;
  /** Certificates that a look had to do without; nothing that depends on them may be applied. */
  readonly unissued: string[] = [];
  #kube: Promise<KubernetesCluster> | undefined;
  #state: Promise<ApiState> | undefined;
  #hub: Site | undefined;
  readonly #seen = new Map<string, Promise<unknown>>();

  constructor(ports: Ports, scope: Scope, work: Work) {
    this.ports = ports;
    this.scope = scope;
    this.work = work;
    this.host = hostOf(scope);
  }

  /** Name of the topology. */
  get topology(): string {
    return this.scope.settings.name;
  }

  /** Name of the cluster. */
  get cluster(): string {
    return this.scope.cluster.name;
  }

  get clock(): Clock {
    return this.ports.clock;
  }

  /** The hub, which is this site itself when its cluster is the hub. */
  get hub(): Site {
    if (isHub(this.scope)) return this;
    const { settings, leaves } = this.scope;
    const scope = { settings, leaves, cluster: settings.broker };
    return (this.#hub ??= new Site(this.ports, scope, this.work));
  }

  /** Runs a bash script as root on the cluster's host. */
  run(script: string, options: Omit<RunOptions, 'signal'> = {}): Promise<RunResult> {
    return this.ports.hosts.run(this.host, script, { ...options, signal: this.work.signal });
  }

  /** What a script prints. */
  async print(script: string, options: Omit<RunOptions, 'signal'> = {}): Promise<string> {
    return (await this.run(script, options)).stdout;
  }

  /** What a script prints that takes a moment and only looks; those that are asked for together run as one command. */
  look(script: string, options: Pick<RunOptions, 'okCodes'> = {}): Promise<string> {
    return this.print(script, { ...options, look: true });
  }

  upload(file: LocalFile, remote: RemoteFile): Promise<void> {
    return this.ports.hosts.upload(this.host, file, remote, { ...this.work });
  }

  /** A loopback port here that leads to address:port as seen from the host. */
  tunnel(address: string, port: number): Promise<Tunnel> {
    return this.ports.hosts.tunnel(this.host, address, port, this.call);
  }

  get call(): CallOptions {
    return { signal: this.work.signal };
  }

  /** The cluster's API; each call fails while no API server runs. */
  kube(): Promise<KubernetesCluster> {
    return (this.#kube ??= this.ports.kubernetes.cluster(this.host, this.call));
  }

  /** Whether the API can be asked now. It is looked up once: an attempt sees one state of the world. */
  api(): Promise<ApiState> {
    return (this.#state ??= this.#lookAtApi());
  }

  /** The API when it responds, for looks: undefined when there is none to ask. */
  async kubeIfUp(): Promise<KubernetesCluster | undefined> {
    return (await this.api()) === 'up' ? this.kube() : undefined;
  }

  /** Makes a look once per attempt, however many parts ask for it. The key names the look and its input. */
  once<T>(key: string, look: () => Promise<T>): Promise<T> {
    const known = this.#seen.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const started = look();
    this.#seen.set(key, started);
    return started;
  }

  /** An API server that responds needs no look at its host. */
  async #lookAtApi(): Promise<ApiState> {
    if (this.ports.kubernetes.isKnown(this.host) && (await this.#isReady())) return 'up';
    const state = parseApiState(await this.look(apiStateScript));
    if (state !== 'up') return state;
    return (await this.#isReady()) ? 'up' : 'down';
  }

  async #isReady(): Promise<boolean> {
    const kube = await this.kube();
    const ready = await kube.get('/readyz').catch((error: unknown) => {
      this.work.signal.throwIfAborted();
      this.work.heartbeat(error instanceof Error ? error.message : String(error));
      return undefined;
    });
    return ready?.status === 200;
  }
}
