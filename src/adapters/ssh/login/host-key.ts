import { z } from 'zod';
import { ProvisionError } from '../../../contract/errors.js';
import { endpointText, SSH_PORT } from '../../../contract/topology/topology.js';
import { quote } from '../../../domain/hosts/quote.js';
import { readIfThere, writeWhole } from '../../../local/atomic-file.js';
import { parseJson } from '../../../local/json.js';
import { keysKnownToUser } from '../config/user-known-hosts.js';
import { endpointOf, placeOf, settingOf } from '../ssh-errors.js';
import type { LoginHost, LoginTarget } from './login-host.js';

/** `user` does not count. */
type KnownTarget = Pick<LoginTarget, 'address' | 'port' | 'via'> & { user?: string };

/** Host keys that were accepted earlier. */
export interface KnownHosts {
  read(target: KnownTarget): Promise<string | undefined>;
  /** Those that the user's own ~/.ssh/known_hosts has for the host. */
  ofUser?(target: KnownTarget): Promise<ReadonlySet<string>>;
  record(target: KnownTarget, fingerprint: string): Promise<void>;
}

interface Shown {
  seen: string;
  wanted: string | undefined;
  /** Of ~/.ssh/known_hosts; they count when leafspan has none of its own. */
  ofUser: ReadonlySet<string>;
  trust: boolean;
}

/** Judges the key that a host showed. undefined: it is the wanted one, or it may be trusted now. */
export function hostKeyProblem(host: LoginHost, { seen, wanted, ofUser, trust }: Shown): ProvisionError | undefined {
  if (seen === wanted || (wanted === undefined && ofUser.has(seen))) return undefined;
  if (wanted !== undefined)
    return new ProvisionError(
      'SSH_HOST_KEY_CHANGED',
      `the host key of ${endpointOf(host)} is ${seen}, not the known ${wanted}`,
      host.ssh.hostKey === undefined
        ? `if the host was really installed again, put the new key as ${settingOf(host, 'hostKey')}`
        : `if the host was really installed again, correct ${settingOf(host, 'hostKey')}`,
      placeOf(host),
    );
  if (ofUser.size > 0)
    return new ProvisionError(
      'SSH_HOST_KEY_CHANGED',
      `the host key of ${endpointOf(host)} is ${seen}, and ~/.ssh/known_hosts has another one`,
      `if the host was really installed again: ssh-keygen -R ${quote(nameInKnownHosts(host.ssh))}, or put the new key as ${settingOf(host, 'hostKey')}`,
      placeOf(host),
    );
  if (trust) return undefined;
  return new ProvisionError(
    'SSH_HOST_KEY_UNKNOWN',
    `unknown host key for ${endpointOf(host)}: ${seen}`,
    `compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and put it as ${settingOf(host, 'hostKey')}, or pass --trust-on-first-use once`,
    placeOf(host),
  );
}

/** As ssh writes it. */
const nameInKnownHosts = ({ address, port }: Pick<LoginTarget, 'address' | 'port'>): string =>
  (port === SSH_PORT ? address : `[${address}]:${port}`).toLowerCase();

const KNOWN_HOSTS = z.record(z.string(), z.string());

/** A JSON file of `address:port`, with the jump host before it, to fingerprint. It holds no secret, yet who can write it decides whom we trust: 0600. */
export class KnownHostsFile implements KnownHosts {
  readonly #path: string;
  readonly #home: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param home whose ~/.ssh/known_hosts counts too; absent: no one's */
  constructor(path: string, home?: string) {
    this.#path = path;
    this.#home = home;
  }

  ofUser(target: KnownTarget): Promise<ReadonlySet<string>> {
    return this.#home === undefined
      ? Promise.resolve(new Set<string>())
      : keysKnownToUser(this.#home, nameInKnownHosts(target));
  }

  async read(target: KnownTarget): Promise<string | undefined> {
    return (await this.#load())[keyOf(target)];
  }

  record(target: KnownTarget, fingerprint: string): Promise<void> {
    const write = this.#writing.then(() => this.#add(keyOf(target), fingerprint));
    this.#writing = write.catch(() => undefined);
    return write;
  }

  async #add(key: string, fingerprint: string): Promise<void> {
    const known = { ...(await this.#load()), [key]: fingerprint };
    await writeWhole(this.#path, `${JSON.stringify(known, null, 2)}\n`);
  }

  async #load(): Promise<Record<string, string>> {
    const text = await readIfThere(this.#path);
    if (text === undefined) return {};
    try {
      return parseJson(text.toString('utf8'), KNOWN_HOSTS);
    } catch {
      throw new ProvisionError(
        'SSH_HOST_KEY_UNKNOWN',
        `the file of known host keys ${this.#path} is not valid JSON`,
        'fix it, or remove it and pass --trust-on-first-use once',
      );
    }
  }
}

/** Behind different jump hosts one address is two machines. */
const keyOf = ({ via, ...target }: KnownTarget): string =>
  `${endpointText(target)}${via === undefined ? '' : ` via ${endpointText(via)}`}`;
