import type { Duplex } from 'node:stream';
import type * as ClientNode from '@kubernetes/client-node';
import type { CallOptions, KubernetesAccess, KubernetesCluster } from '../../activities/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../domain/topology/types.js';
import { ClientNodeCluster } from './client-node-cluster.js';
import { streamAgent, type ApiCredentials } from './ssh-agent.js';

export interface ClientNodeKubernetesOptions {
  /** A stream to the host's own 127.0.0.1:6443. */
  open: (host: Host) => Promise<Duplex>;
  /** The admin kubeconfig that the host holds. It stays in memory. */
  kubeconfig: (host: Host, signal: AbortSignal) => Promise<string>;
}

/** The import costs a second: early, it is over before somebody waits for it. */
export const warm = async (): Promise<void> => {
  await import('@kubernetes/client-node');
};

type Connected = Omit<ConstructorParameters<typeof ClientNodeCluster>[0], 'signal' | 'host' | 'forget'>;

export class ClientNodeKubernetes implements KubernetesAccess {
  readonly #options: ClientNodeKubernetesOptions;
  readonly #connected = new Map<string, Promise<Connected>>();

  constructor(options: ClientNodeKubernetesOptions) {
    this.#options = options;
  }

  async cluster(host: Host, { signal }: CallOptions): Promise<KubernetesCluster> {
    const key = [host.ssh.address, host.ssh.port, host.name].join(' ');
    const known = this.#connected.get(key) ?? this.#connect(host, signal);
    this.#connected.set(key, known);
    const forget = (): void => {
      if (this.#connected.get(key) !== known) return;
      this.#connected.delete(key);
      known.then(({ agent }) => agent.close()).catch(() => undefined);
    };
    try {
      return new ClientNodeCluster({ ...(await known), host, signal, forget });
    } catch (error) {
      forget();
      throw error;
    }
  }

  async close(): Promise<void> {
    const all = [...this.#connected.values()];
    this.#connected.clear();
    await Promise.allSettled(all.map(async (connected) => (await connected).agent.destroy()));
  }

  async #connect(host: Host, signal: AbortSignal): Promise<Connected> {
    const [library, text] = await Promise.all([
      import('@kubernetes/client-node'),
      this.#options.kubeconfig(host, signal),
    ]);
    const agent = streamAgent(() => this.#options.open(host), credentialsOf(library, text, host));
    return { library, agent };
  }
}

function credentialsOf({ KubeConfig }: typeof ClientNode, text: string, host: Host): ApiCredentials {
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
