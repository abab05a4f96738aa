import { codeOf, fieldOf, messageOf, textOf } from '../../contract/caught.js';
import { ProvisionError, type Where } from '../../contract/errors.js';
import type { Host } from '../../contract/topology/topology.js';

export const CONNECT_TIMEOUT_MS = 10_000;

export const placeOf = (host: Host): Where => ({ host: host.name, cluster: host.cluster });

export const endpointOf = ({ ssh }: Host): string => `${ssh.address}:${ssh.port}`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Why there is no connection. `offers` are the login methods that the server still offered. */
export function connectFailure(
  host: Host,
  error: unknown,
  { elapsedMs, offers }: { elapsedMs: number; offers: readonly string[] },
): ProvisionError {
  // ssh2 says at which level it failed; everything else is the text of an error.
  const level = textOf(error, 'level');
  if (level === 'client-authentication') return authFailure(host, offers);
  if (level === 'agent')
    return new ProvisionError(
      'SSH_KEY_UNREADABLE',
      `the SSH agent does not respond: ${messageOf(error)}`,
      'start it and run ssh-add, or set ssh.privateKeyFile in the topology',
      placeOf(host),
    );
  if (codeOf(error) === 'ENOTFOUND')
    return new ProvisionError(
      'SSH_UNREACHABLE',
      `no address is known for ${host.ssh.address}`,
      'write an address or a DNS name as ssh.address: aliases and ProxyJump of ~/.ssh/config are not read',
      placeOf(host),
    );
  const silent = level === 'client-timeout' || codeOf(error) === 'ETIMEDOUT';
  return new ProvisionError(
    'SSH_UNREACHABLE',
    silent
      ? `no SSH response on ${endpointOf(host)} within ${CONNECT_TIMEOUT_MS / 1000} s`
      : `no SSH on ${endpointOf(host)} after ${seconds(elapsedMs)}: ${messageOf(error)}`,
    'check that the host is up, ssh.address and ssh.port, and the firewalls on the route',
    placeOf(host),
  );
}

function authFailure(host: Host, offers: readonly string[]): ProvisionError {
  const { user, privateKeyFile, address, port } = host.ssh;
  const key = privateKeyFile ?? 'any key of the SSH agent';
  const target = `${port === 22 ? '' : `-p ${port} `}${user}@${address}`;
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
    `${endpointOf(host)} refused user "${user}" with ${key}`,
    `leafspan logs in by key only: ssh-copy-id ${privateKeyFile === undefined ? '' : `-i ${privateKeyFile} `}${target}`,
    placeOf(host),
  );
}

export const connectionLost = (host: Host, during: string): ProvisionError =>
  new ProvisionError(
    'SSH_CONNECTION_LOST',
    `the SSH connection to ${endpointOf(host)} was lost during: ${during}`,
    'check the network and that the host did not reboot; a retry connects again',
    placeOf(host),
  );

/** Only a host that is there gives a reason, as a number. */
export const isRefusal = (error: unknown): boolean => typeof fieldOf(error, 'reason') === 'number';

export const sessionRefused = (host: Host): ProvisionError =>
  new ProvisionError(
    'COMMAND_FAILED',
    `${endpointOf(host)} takes no more commands at once`,
    'set "MaxSessions 10" or more in the host’s sshd_config',
    placeOf(host),
  );

export const forwardingForbidden = (host: Host): ProvisionError =>
  new ProvisionError(
    'SSH_FORWARDING_FORBIDDEN',
    `${endpointOf(host)} forbids forwarding, by which leafspan reaches the API server of the host`,
    'set "AllowTcpForwarding yes" in the host’s sshd_config (or "local", and no PermitOpen), then reload sshd',
    placeOf(host),
  );
