import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ProvisionError } from '../contract/errors.js';
import { localDirectories } from '../local/state/state-directory.js';
import type { LabOptions } from './types.js';

const DEFAULT_NAME = 'lab';
const DEFAULT_NET = 77;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Room for a link's name in the kernel, without the closing zero. */
const LINK_NAME_MAX = 15;

export const MAX_HOSTS = LETTERS.length;

/** Where the lab lives unless LEAFSPAN_LAB_NAME, LEAFSPAN_LAB_STATE or XDG_CACHE_HOME says otherwise. */
export function labDefaults(env: NodeJS.ProcessEnv): LabOptions {
  const name = env['LEAFSPAN_LAB_NAME'] ?? DEFAULT_NAME;
  return {
    name,
    stateDir: env['LEAFSPAN_LAB_STATE'] ?? `/var/lib/leafspan-${name}`,
    cacheDir: join(localDirectories(env).cacheDir, 'lab'),
  };
}

export interface HostNames {
  host: string;
  cluster: string;
  address: string;
  /** The machine name of nspawn and the name of the network namespace. */
  machine: string;
  dir: string;
  root: string;
  disk: string;
  varLib: string;
  log: string;
}

/** Every name that the lab gives to something, derived from its own, so that `down` needs no record. */
export interface LabNames {
  name: string;
  stateDir: string;
  cacheDir: string;
  lockFile: string;
  topologyFile: string;
  knownHostsFile: string;
  keyFile: string;
  hostsDir: string;
  group: string;
  netnsPrefix: string;
  /** The bridge sits in a namespace of its own, out of reach of this machine's packet filter. */
  switchNetns: string;
  /** This machine's end of the cable to the switch. */
  uplink: string;
  subnet: string;
  gateway: string;
  host(host: string): HostNames;
}

/** The directory of the bundles that the lab makes for itself. */
export const ownBundles = ({ cacheDir }: { cacheDir: string }): string => join(cacheDir, 'bundle');

export const hostNameAt = (index: number): string => `vm-${LETTERS[index] ?? String(index)}`;

export function namesOf({ name, stateDir, cacheDir }: LabOptions): LabNames {
  if (!/^[a-z][a-z0-9]{0,11}$/.test(name)) {
    throw new ProvisionError(
      'LAB_BAD_NAME',
      `lab name "${name}" is not 1 to 12 of a-z and 0-9, a letter first`,
      'set LEAFSPAN_LAB_NAME=lab or unset it',
    );
  }
  const prefix = `leafspan-${name}`;
  const subnet = `172.30.${subnetByte(name)}`;
  const hostsDir = join(stateDir, 'hosts');
  return {
    ...{ name, stateDir, cacheDir, hostsDir, subnet, group: prefix },
    lockFile: `${stateDir}.lock`,
    topologyFile: join(stateDir, 'topology.yaml'),
    knownHostsFile: join(stateDir, 'known_hosts'),
    keyFile: join(stateDir, 'id_ed25519'),
    netnsPrefix: `${prefix}-`,
    switchNetns: `${prefix}-switch`,
    // A name too long for a link becomes a digest; it begins with a digit, so it is never another lab's name.
    uplink: prefix.length <= LINK_NAME_MAX ? prefix : `leafspan-0${digest(name).toString('hex').slice(0, 5)}`,
    gateway: `${subnet}.1`,
    host: (host) => hostNames({ host, prefix, subnet, hostsDir }),
  };
}

function hostNames(of: { host: string; prefix: string; subnet: string; hostsDir: string }): HostNames {
  const index = LETTERS.indexOf(of.host.slice('vm-'.length));
  const dir = join(of.hostsDir, of.host);
  if (!/^vm-[a-z]$/.test(of.host)) {
    throw new ProvisionError(
      'LAB_UNKNOWN_HOST',
      `no lab host is called "${of.host}"`,
      'list the hosts with: lab status',
    );
  }
  return {
    host: of.host,
    cluster: `cluster-${LETTERS[index] ?? ''}`,
    address: `${of.subnet}.${11 + index}`,
    machine: `${of.prefix}-${of.host}`,
    dir,
    root: join(dir, 'root'),
    disk: join(dir, 'disk'),
    varLib: join(dir, 'disk', 'var-lib'),
    log: join(dir, 'console.log'),
  };
}

function subnetByte(name: string): number {
  if (name === DEFAULT_NAME) return DEFAULT_NET;
  const byte = 1 + (digest(name).readUInt16BE(0) % 253);
  return byte >= DEFAULT_NET ? byte + 1 : byte;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
