import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, Client } from 'ssh2';
import { NodeSSH } from 'node-ssh';
import type { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../domain/topology/types.js';
import { fingerprintOf, hostKeyFault, type KnownHosts } from './host-key.js';
import { loginOf, type Login } from './private-key.js';
import { connectFailure, CONNECT_TIMEOUT_MS } from './ssh-errors.js';

const KEEPALIVE = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

export interface ConnectContext {
  knownHosts: KnownHosts;
  agentSocket: string | undefined;
}

/** @throws ProvisionError SSH_* */
export async function connect(
  host: Host,
  { knownHosts, agentSocket }: ConnectContext,
  trustOnFirstUse: boolean,
): Promise<Client> {
  const login = await loginOf(host, agentSocket);
  const wanted = host.ssh.hostKey ?? (await knownHosts.read(host.ssh));
  const startedAt = Date.now();
  const offers: string[] = [];
  let fault: ProvisionError | undefined;
  let seen = '';
  const ssh = new NodeSSH();
  try {
    await ssh.connect({
      host: host.ssh.address,
      port: host.ssh.port,
      username: host.ssh.user,
      readyTimeout: CONNECT_TIMEOUT_MS,
      ...KEEPALIVE,
      // GCM on AES instructions is the fastest that ssh2 and sshd share; the rest is for servers without it.
      algorithms: {
        cipher: [
          'aes128-gcm@openssh.com',
          'aes256-gcm@openssh.com',
          'chacha20-poly1305@openssh.com',
          'aes128-ctr',
          'aes192-ctr',
          'aes256-ctr',
        ],
      },
      authHandler: keyOnly(host.ssh.user, login, offers),
      hostVerifier: (key: Buffer) => {
        seen = fingerprintOf(key);
        fault = hostKeyFault(host, { seen, wanted, trust: trustOnFirstUse });
        return fault === undefined;
      },
    });
  } catch (error) {
    ssh.dispose();
    throw fault ?? connectFailure(host, error, { elapsedMs: Date.now() - startedAt, offers });
  }
  const client = ssh.connection;
  if (client === null) throw connectFailure(host, 'closed at once', { elapsedMs: Date.now() - startedAt, offers });
  // After its connect node-ssh leaves no listener of its own: a reset would end the process.
  client.on('error', () => undefined);
  client.setMaxListeners(0);
  if (wanted === undefined) await knownHosts.record(host.ssh, seen);
  return client;
}

/** One try, by key. Notes what the server offers, for the message when it refuses. */
function keyOnly(username: string, login: Login, offers: string[]): AuthHandlerMiddleware {
  const methods: AnyAuthMethod[] = [
    'key' in login ? { type: 'publickey', username, key: login.key } : { type: 'agent', username, agent: login.agent },
  ];
  return (left: AuthenticationType[] | null, _partial, next) => {
    offers.splice(0, offers.length, ...(left ?? []));
    // ssh2 takes false for "no more"; its types leave that out.
    next(methods.shift() ?? (false as unknown as AuthenticationType));
  };
}
