import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type {
  AgentAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  CipherAlgorithm,
  PublicKeyAuthMethod,
  ServerHostKeyAlgorithm,
} from 'ssh2';
import { isProvisionError, type ProvisionError } from '../../../contract/errors.js';
import { given } from '../../../contract/topology/given.js';
import { connectFailure } from '../ssh-errors.js';
import { sendForeignSignatures } from './foreign-keys.js';
import { fingerprintOf } from '../config/user-known-hosts.js';
import { hostKeyProblem, type KnownHosts } from './host-key.js';
import type { LoginHost } from './login-host.js';
import { proofsOf, type Proof } from './proofs.js';
import type { Login } from './settle.js';

const KEEPALIVE = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

/** How much longer a login may take whose key is in an agent: a person confirms it, or touches a token. */
const CONFIRM_MS = 30_000;

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

/** Opens a stream to the host through a jump host; absent: there is none. */
export type Passage = ((host: LoginHost) => Promise<Duplex>) | undefined;

interface Trust {
  knownHosts: KnownHosts;
  trustOnFirstUse: boolean;
  /** For a host that does not respond. */
  timeoutMs: number;
}

/** @throws ProvisionError SSH_* */
export async function connect(
  login: Login,
  passage: Passage,
  { knownHosts, trustOnFirstUse: trust, timeoutMs }: Trust,
): Promise<NodeSSH> {
  const { host } = login;
  const proofs = await proofsOf(host, login.keys);
  const wanted = host.ssh.hostKey ?? (await knownHosts.read(host.ssh));
  const ofUser = (wanted === undefined ? await knownHosts.ofUser?.(host.ssh) : undefined) ?? new Set<string>();
  let refusal: ProvisionError | undefined;
  // The known key may be of another type than the one that the server shows first.
  for (const hostKeyTypes of HOST_KEY_TYPES) {
    try {
      const sock = await passage?.(host);
      const { ssh, seen } = await attempt(login, proofs, { wanted, ofUser, trust, hostKeyTypes, sock, timeoutMs });
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
  ofUser: ReadonlySet<string>;
  trust: boolean;
  hostKeyTypes: ServerHostKeyAlgorithm[];
  sock: Duplex | undefined;
  timeoutMs: number;
}

async function attempt(
  { host, skipped }: Login,
  proofs: readonly Proof[],
  { wanted, ofUser, trust, hostKeyTypes, sock, timeoutMs }: Attempt,
): Promise<{ ssh: NodeSSH; seen: string }> {
  const startedAt = Date.now();
  const offers: string[] = [];
  let problem: ProvisionError | undefined;
  let seen = '';
  const ssh = new NodeSSH();
  try {
    const connecting = ssh.connect({
      ...(sock === undefined ? { host: host.ssh.address, port: host.ssh.port } : { sock }),
      username: host.ssh.user,
      readyTimeout: proofs.some((proof) => 'agent' in proof) ? timeoutMs + CONFIRM_MS : timeoutMs,
      ...KEEPALIVE,
      algorithms: { cipher: CIPHERS, serverHostKey: hostKeyTypes },
      authHandler: keyOnly(host.ssh.user, proofs, offers),
      hostVerifier: (key: Buffer) => {
        seen = fingerprintOf(key);
        problem = hostKeyProblem(host, { seen, wanted, ofUser, trust });
        return problem === undefined;
      },
    });
    // Once connected, node-ssh leaves no listener of its own: a reset would stop the process.
    ssh.connection?.on('error', () => undefined);
    if (ssh.connection) sendForeignSignatures(ssh.connection);
    await Promise.race([connecting, noHandshake(ssh, timeoutMs)]);
  } catch (error) {
    ssh.dispose();
    sock?.destroy();
    const elapsedMs = Date.now() - startedAt;
    const waited = elapsedMs < timeoutMs + CONFIRM_MS ? timeoutMs : timeoutMs + CONFIRM_MS;
    const tried = { tried: proofs.map(({ name }) => name).join(', '), ...given({ keyFile: fileOf(proofs) }) };
    throw problem ?? connectFailure(host, error, { elapsedMs, timeoutMs: waited, offers, skipped, ...tried });
  }
  ssh.connection?.setMaxListeners(0).setNoDelay(true);
  return { ssh, seen };
}

/** Rejects as ssh2 does when a host does not respond in time, whatever time there is to confirm a key. Never resolves. */
const noHandshake = ({ connection }: NodeSSH, timeoutMs: number): Promise<never> =>
  new Promise((_resolve, reject) => {
    const late = (): void =>
      reject(Object.assign(new Error('Timed out while waiting for handshake'), { level: 'client-timeout' }));
    const timer = setTimeout(late, timeoutMs);
    const stop = (): void => clearTimeout(timer);
    connection?.once('handshake', stop).once('close', stop).once('error', stop);
  });

const fileOf = (proofs: readonly Proof[]): string | undefined => proofs.find((proof) => 'key' in proof)?.name;

/** One try for each key. Notes what the server offers, for the message when it refuses. */
function keyOnly(username: string, proofs: readonly Proof[], offers: string[]): AuthHandlerMiddleware {
  const methods = proofs.map((proof): PublicKeyAuthMethod | AgentAuthMethod =>
    'key' in proof ? { type: 'publickey', username, key: proof.key } : { type: 'agent', username, agent: proof.agent },
  );
  return (left: AuthenticationType[] | null, _partial, next) => {
    offers.splice(0, offers.length, ...(left ?? []));
    // ssh2 takes false for "no more"; its types leave that out.
    next(methods.shift() ?? (false as unknown as AuthenticationType));
  };
}
