import { join } from 'node:path';
import type { Ports } from '../parts/ports.js';
import { DirectoryBundles } from '../adapters/bundle/directory-bundles.js';
import { PeculiarMint } from '../adapters/cert-mint/peculiar-mint.js';
import { SystemClock } from '../adapters/clock/system-clock.js';
import { ClientNodeKubernetes, warm } from '../adapters/kubernetes/client-node-kubernetes.js';
import { NatsClientAccess } from '../adapters/nats-client/nats-client-access.js';
import { AgeSecretStore } from '../adapters/secret-store/age-secret-store.js';
import { KnownHostsFile } from '../adapters/ssh/login/host-key.js';
import type { Holder } from '../adapters/ssh/commands/lease.js';
import { SshHostShell, type SshLimits } from '../adapters/ssh/ssh-host-shell.js';
import type { LocalDirectories } from '../local/state/state-directory.js';

export interface Wiring {
  ports: Ports;
  close: () => Promise<void>;
  /** Loads what is slow to load, while the first activities wait for the network. */
  warm: () => void;
}

/** Where this process keeps what it knows, and how it reaches hosts. */
export interface WiringOptions extends LocalDirectories {
  agentSocket?: string | undefined;
  /** Whose ~/.ssh is read. */
  home: string;
  sshLimits: SshLimits;
  /** Who changes hosts; absent: a process that only looks. */
  holder?: Holder;
}

/** The one place where adapters become ports: for the activities of a worker, and for a look at a system without one. */
export function wirePorts({ stateDir, cacheDir, agentSocket, home, sshLimits, holder }: WiringOptions): Wiring {
  const hosts = new SshHostShell({
    knownHosts: new KnownHostsFile(join(stateDir, 'known-hosts.json'), home),
    agentSocket,
    home,
    limits: sshLimits,
    ...(holder === undefined ? {} : { holder }),
  });
  const kubernetes = new ClientNodeKubernetes({
    open: (host) => hosts.forward(host, '127.0.0.1', 6443, { signal: new AbortController().signal }),
    kubeconfig: async (host, signal) => (await hosts.run(host, 'cat /etc/rancher/k3s/k3s.yaml', { signal })).stdout,
  });
  return {
    ports: {
      hosts,
      kubernetes,
      secrets: new AgeSecretStore(stateDir),
      mint: new PeculiarMint(),
      nats: new NatsClientAccess(),
      bundles: new DirectoryBundles(cacheDir),
      clock: new SystemClock(),
    },
    close: async () => {
      await kubernetes.close();
      await hosts.close();
    },
    warm: () => void warm(),
  };
}
