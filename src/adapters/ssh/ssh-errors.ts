import { codeOf, fieldOf, messageOf, textOf } from '../../contract/caught.js';
import { ProvisionError, type Where } from '../../contract/errors.js';
import { endpointText, SSH_PORT } from '../../contract/topology/topology.js';
import type { LoginHost } from './login/login-host.js';

export const CONNECT_TIMEOUT_MS = 10_000;

export const placeOf = (host: { name: string; cluster: string }): Where => ({ host: host.name, cluster: host.cluster });

const isJump = ({ ssh: { setIn = 'ssh' } }: LoginHost): boolean => setIn !== 'ssh';

export const endpointOf = (host: LoginHost): string => `${isJump(host) ? 'jump host ' : ''}${endpointText(host.ssh)}`;

/** Where a person sets a value of a login. */
export function settingOf(
  { ssh: { setIn = 'ssh' } }: LoginHost,
  field: 'privateKeyFile' | 'hostKey' | 'address' | 'user',
): string {
  return setIn.startsWith('ssh') ? `${setIn}.${field} in the topology` : `ssh.jump with ${field} in the topology`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export interface Attempted {
  elapsedMs: number;
  /** How long the host was waited for. */
  timeoutMs: number;
  /** The login methods that the server still offered. */
  offers: readonly string[];
  /** The keys that were tried, for a message. */
  tried: string;
  /** A key file among them. */
  keyFile?: string;
  /** What ~/.ssh/config has and leafspan does not do. */
  skipped: readonly string[];
}

/** Why there is no connection. */
export function connectFailure(host: LoginHost, error: unknown, attempted: Attempted): ProvisionError {
  // ssh2 says at which level it failed; everything else is the text of an error.
  const level = textOf(error, 'level');
  if (level === 'client-authentication' || /too many authentication failures/i.test(messageOf(error)))
    return authFailure(host, attempted);
  if (level === 'agent')
    return new ProvisionError(
      'SSH_KEY_UNREADABLE',
      `the SSH agent makes no signature: ${messageOf(error)}`,
      `touch the security key or confirm in time, or set ${settingOf(host, 'privateKeyFile')}`,
      placeOf(host),
    );
  if (codeOf(error) === 'ENOTFOUND')
    return new ProvisionError(
      'SSH_UNREACHABLE',
      `no address is known for ${host.ssh.address}`,
      `write an address, a DNS name or a Host alias of ~/.ssh/config as ${settingOf(host, 'address')}${withSkipped(attempted)}`,
      placeOf(host),
    );
  const silent = level === 'client-timeout' || codeOf(error) === 'ETIMEDOUT';
  return new ProvisionError(
    'SSH_UNREACHABLE',
    silent
      ? `no SSH response on ${endpointOf(host)} within ${attempted.timeoutMs / 1000} s`
      : `no SSH on ${endpointOf(host)} after ${seconds(attempted.elapsedMs)}: ${messageOf(error)}`,
    `check that the host is up, ${addressSettings(host)}, and the firewalls on the route${withSkipped(attempted)}`,
    placeOf(host),
  );
}

const addressSettings = ({ ssh: { setIn = 'ssh' } }: LoginHost): string =>
  setIn.startsWith('ssh') ? `${setIn}.address and ${setIn}.port` : `HostName and Port of ${setIn}`;

const withSkipped = ({ skipped }: Attempted): string =>
  skipped.length === 0 ? '' : `; leafspan leaves these of ~/.ssh/config out: ${skipped.join(', ')}`;

function authFailure(host: LoginHost, attempted: Attempted): ProvisionError {
  const { offers, tried, keyFile } = attempted;
  const { user, address, port, via } = host.ssh;
  const way = via === undefined ? '' : `-o ProxyJump=${via.user}@${endpointText(via)} `;
  const target = `${way}${port === SSH_PORT ? '' : `-p ${port} `}${user}@${address}`;
  if (offers.length > 0 && !offers.includes('publickey'))
    return new ProvisionError(
      'SSH_AUTH_FAILED',
      `${endpointOf(host)} accepts no keys, only: ${offers.join(', ')}`,
      'leafspan logs in by key only: set "PubkeyAuthentication yes" in the host’s sshd_config and run ssh-copy-id ' +
        target,
      placeOf(host),
    );
  return new ProvisionError(
    'SSH_AUTH_FAILED',
    `${endpointOf(host)} refused user "${user}" with ${tried}`,
    `leafspan logs in by key only: ssh-copy-id ${keyFile === undefined ? '' : `-i ${keyFile} `}${target}${withSkipped(attempted)}`,
    placeOf(host),
  );
}

/** A jump host cannot reach what comes after it. */
export const notBeyond = (via: LoginHost, host: LoginHost, why: string): ProvisionError =>
  new ProvisionError(
    'SSH_UNREACHABLE',
    `${endpointOf(via)} cannot connect to ${endpointText(host.ssh)}: ${why}`,
    `check that the host is up, ${addressSettings(host)} as seen from the jump host, and the firewalls between the two`,
    placeOf(host),
  );

export const connectionLost = (host: LoginHost, during: string): ProvisionError =>
  new ProvisionError(
    'SSH_CONNECTION_LOST',
    `the SSH connection to ${endpointOf(host)} was lost during: ${during}`,
    'check the network and that the host did not reboot; a retry connects again',
    placeOf(host),
  );

/** Only a host that is there gives a reason, as a number. */
export const isRefusal = (error: unknown): boolean => typeof fieldOf(error, 'reason') === 'number';

export const sessionRefused = (host: LoginHost): ProvisionError =>
  new ProvisionError(
    'COMMAND_FAILED',
    `${endpointOf(host)} takes no more commands at once`,
    'set "MaxSessions 10" or more in the host’s sshd_config',
    placeOf(host),
  );

export const forwardingForbidden = (host: LoginHost): ProvisionError =>
  new ProvisionError(
    'SSH_FORWARDING_FORBIDDEN',
    `${endpointOf(host)} forbids forwarding, by which leafspan reaches ${isJump(host) ? 'the host behind it' : 'the API server of the host'}`,
    `set "AllowTcpForwarding yes" in the ${isJump(host) ? 'jump host' : 'host'}’s sshd_config (or "local", and no PermitOpen), then reload sshd`,
    placeOf(host),
  );
