import { NodeSSH } from 'node-ssh';
import type { AuthenticationType, AuthHandlerMiddleware, CipherAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { isProvisionError, type ProvisionError } from '../../../contract/errors.js';
import type { Host } from '../../../contract/topology/topology.js';
import { fingerprintOf, hostKeyProblem, type KnownHosts } from './host-key.js';
import { keyFailure, loginOf, type Login } from './private-key.js';
import { connectFailure, CONNECT_TIMEOUT_MS } from '../ssh-errors.js';

const KEEPALIVE = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

export interface ConnectContext {
  knownHosts: KnownHosts;
  agentSocket: string | undefined;
}

/** GCM on AES instructions is the fastest that ssh2 and sshd share; the rest is for servers without it. */
const CIPHERS: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];

/** A server has a key of each type and shows the one that is asked for; Ed25519 first. */
const HOST_KEY_TYPES: ServerHostKeyAlgorithm[][] = [
  ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/** @throws ProvisionError SSH_* */
export async function connect(
  host: Host,
  { knownHosts, agentSocket }: ConnectContext,
  trustOnFirstUse: boolean,
): Promise<NodeSSH> {
  const login = await loginOf(host, agentSocket);
  const wanted = host.ssh.hostKey ?? (await knownHosts.read(host.ssh));
  let refusal: ProvisionError | undefined;
  // The known key may be of another type than the one that the server shows first.
  for (const hostKeyTypes of HOST_KEY_TYPES) {
    try {
      const { ssh, seen } = await attempt(host, login, { wanted, trust: trustOnFirstUse, hostKeyTypes });
      if (wanted === undefined) await knownHosts.record(host.ssh, seen);
      return ssh;
    } catch (error) {
      if (refusal !== undefined) continue; // such as: the server has no key of that type
      if (!isProvisionError(error) || error.code !== 'SSH_HOST_KEY_CHANGED') throw error;
      refusal = error;
    }
  }
  throw refusal ?? new RangeError('no types of host keys to ask for');
}

interface Attempt {
  wanted: string | undefined;
  trust: boolean;
  hostKeyTypes: ServerHostKeyAlgorithm[];
}

async function attempt(
  host: Host,
  login: Login,
  { wanted, trust, hostKeyTypes }: Attempt,
): Promise<{ ssh: NodeSSH; seen: string }> {
  const startedAt = Date.now();
  const offers: string[] = [];
  let problem: ProvisionError | undefined;
  let seen = '';
  const ssh = new NodeSSH();
  try {
    const connecting = ssh.connect({
      host: host.ssh.address,
      port: host.ssh.port,
      username: host.ssh.user,
      ...login,
      readyTimeout: CONNECT_TIMEOUT_MS,
      ...KEEPALIVE,
      algorithms: { cipher: CIPHERS, serverHostKey: hostKeyTypes },
      authHandler: keyOnly(login, offers),
      hostVerifier: (key: Buffer) => {
        seen = fingerprintOf(key);
        problem = hostKeyProblem(host, { seen, wanted, trust });
        return problem === undefined;
      },
    });
    // Once connected, node-ssh leaves no listener of its own: a reset would stop the process.
    ssh.connection?.on('error', () => undefined);
    await connecting;
  } catch (error) {
    ssh.dispose();
    throw (
      problem ?? keyFailure(host, error) ?? connectFailure(host, error, { elapsedMs: Date.now() - startedAt, offers })
    );
  }
  ssh.connection?.setMaxListeners(0).setNoDelay(true);
  return { ssh, seen };
}

/** One try, by key. Notes what the server offers, for the message when it refuses. */
function keyOnly(login: Login, offers: string[]): AuthHandlerMiddleware {
  const methods: AuthenticationType[] = ['privateKey' in login ? 'publickey' : 'agent'];
  return (left: AuthenticationType[] | null, _partial, next) => {
    offers.splice(0, offers.length, ...(left ?? []));
    // ssh2 takes false for "no more"; its types leave that out.
    next(methods.shift() ?? (false as unknown as AuthenticationType));
  };
}
