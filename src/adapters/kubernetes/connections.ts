import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { isProvisionError, ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../contract/topology/topology.js';
import { untilAborted } from '../../local/until-aborted.js';
import type * as Library from './library.js';
import { streamDispatcher, type ApiCredentials } from './stream-dispatcher.js';

export interface ConnectionSources {
  /** A stream to the host's own 127.0.0.1:6443. */
  open: (host: Host) => Promise<Duplex>;
  /** The admin kubeconfig that the host holds. It stays in memory. */
  kubeconfig: (host: Host, signal: AbortSignal) => Promise<string>;
}

export interface Connected {
  library: typeof Library;
  dispatcher: Dispatcher;
}

/** Bounds a reading that several callers share, and that none of them may cancel for the others. */
const KUBECONFIG_TIMEOUT_MS = 30_000;

/** Credentials of a cluster that nothing asks for are dropped after this time: they open all of it. */
const IDLE_MS = 5 * 60_000;

/** Credentials and connections by host, kept while they are used, until the API refuses them or the network drops them. */
export class Connections {
  readonly #sources: ConnectionSources;
  readonly #idleMs: number;
  readonly #idle = new Map<string, NodeJS.Timeout>();
  readonly #known = new Map<string, Promise<Connected>>();
  /** Those of the promises above that are fulfilled: most calls need not wait. */
  readonly #ready = new WeakMap<Promise<Connected>, Connected>();

  constructor(sources: ConnectionSources, idleMs = IDLE_MS) {
    this.#sources = sources;
    this.#idleMs = idleMs;
  }

  has(host: Host): boolean {
    const known = this.#known.get(keyOf(host));
    return known !== undefined && this.#ready.has(known);
  }

  async to(host: Host, signal: AbortSignal): Promise<Connected> {
    signal.throwIfAborted();
    const key = keyOf(host);
    const known = this.#known.get(key) ?? this.#connect(host);
    this.#dropLater(key, known);
    const ready = this.#ready.get(known);
    if (ready !== undefined) return ready;
    this.#known.set(key, known);
    known.then(
      (connected) => this.#ready.set(known, connected),
      () => this.#drop(key, known),
    );
    return untilAborted(known, signal);
  }

  /** Running calls may complete on it; the next call connects again. */
  async forget(host: Host, connected: Connected): Promise<void> {
    const key = keyOf(host);
    const known = this.#known.get(key);
    if (known === undefined || (await known.catch(() => undefined)) !== connected) return;
    this.#drop(key, known);
    connected.dispatcher.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    const all = [...this.#known.values()];
    this.#known.clear();
    await Promise.allSettled(all.map(async (connected) => (await connected).dispatcher.destroy()));
  }

  #dropLater(key: string, known: Promise<Connected>): void {
    clearTimeout(this.#idle.get(key));
    const drop = (): void => {
      this.#idle.delete(key);
      this.#drop(key, known);
      known.then(({ dispatcher }) => dispatcher.close()).catch(() => undefined);
    };
    this.#idle.set(key, setTimeout(drop, this.#idleMs).unref());
  }

  #drop(key: string, known: Promise<Connected>): void {
    if (this.#known.get(key) === known) this.#known.delete(key);
  }

  async #kubeconfig(host: Host): Promise<string> {
    try {
      return await this.#sources.kubeconfig(host, AbortSignal.timeout(KUBECONFIG_TIMEOUT_MS));
    } catch (error) {
      if (isProvisionError(error) && error.code === 'COMMAND_FAILED')
        throw unusable(host, `cannot be read: ${error.output ?? error.message}`);
      throw error;
    }
  }

  async #connect(host: Host): Promise<Connected> {
    const [library, text] = await Promise.all([import('./library.js'), this.#kubeconfig(host)]);
    return {
      library,
      dispatcher: streamDispatcher(() => this.#sources.open(host), credentialsOf(library, text, host)),
    };
  }
}

/** Also by the host key: a stream that is opened later logs in with the host that made the connection. */
const keyOf = ({ ssh, name }: Host): string => JSON.stringify([name, ssh]);

function credentialsOf({ KubeConfig }: typeof Library, text: string, host: Host): ApiCredentials {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch {
    // Its own message may quote the text.
    throw unusable(host, 'is not valid YAML');
  }
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (cluster?.caData === undefined || user?.certData === undefined || user.keyData === undefined)
    throw unusable(host, 'has no CA, client certificate and key in it');
  return { ca: decoded(cluster.caData), certificate: decoded(user.certData), privateKey: decoded(user.keyData) };
}

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

const unusable = (host: Host, why: string): ProvisionError =>
  new ProvisionError('KUBE_API_FAILED', `the admin kubeconfig of the host ${why}`, undefined, {
    host: host.name,
    cluster: host.cluster,
  });
