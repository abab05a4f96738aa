import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import type { SecretStore } from '../../parts/ports.js';
import { codeOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';
import { writeWhole } from '../../local/atomic-file.js';
import { createIdentity, readIdentity, type Identity } from './identity.js';
import { KnownValues } from './known-values.js';

const ENCRYPTED = '.age';
const PART = /^[A-Za-z0-9_][\w.-]*$/;

/** Secrets in files below a state directory. What ends in `.crt` is public and stays readable; all else is encrypted with age. */
export class AgeSecretStore implements SecretStore {
  readonly #stateDir: string;
  readonly #known = new KnownValues();
  #identity: Promise<Identity | undefined> | undefined;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  async read(topology: string, name: string): Promise<Buffer | undefined> {
    const path = this.#path(topology, name);
    return this.#known.read(path, (stored) => (isPublic(name) ? stored : this.#decrypt(path, stored)));
  }

  async write(topology: string, name: string, value: Buffer | string): Promise<void> {
    const path = this.#path(topology, name);
    if (isPublic(name)) return writeWhole(path, value);
    const encrypter = new Encrypter();
    encrypter.addRecipient((await this.#anyIdentity(topology)).recipient);
    return writeWhole(path, await encrypter.encrypt(value));
  }

  /**
   * The certificates, as text. Read one after the other without waiting: a thousand leaves have some five thousand small files,
   * which takes half as long as side by side.
   */
  async certificates(topology: string): Promise<{ name: string; pem: string }[]> {
    const names = (await this.list(topology)).filter(isPublic);
    return names.map((name) => ({ name, pem: readFileSync(this.#path(topology, name), 'latin1') }));
  }

  async list(topology: string): Promise<string[]> {
    const directory = this.#directory(topology);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .map((name) => (name.endsWith(ENCRYPTED) ? name.slice(0, -ENCRYPTED.length) : name))
      .sort();
  }

  async purge(topology: string): Promise<boolean> {
    const had = (await this.list(topology)).length > 0;
    await rm(this.#directory(topology), { recursive: true, force: true });
    return had;
  }

  async #decrypt(path: string, stored: Buffer): Promise<Buffer> {
    const identity = await this.#knownIdentity();
    if (identity === undefined)
      throw this.#locked(`${path} is encrypted and the identity ${this.#identityPath} is missing`);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity.secret);
    try {
      return Buffer.from(await decrypter.decrypt(stored));
    } catch {
      throw this.#locked(`${path} is damaged, or was encrypted for another identity than ${this.#identityPath}`);
    }
  }

  get #identityPath(): string {
    return join(this.#stateDir, 'identity.age-key');
  }

  #directory(topology: string): string {
    return join(this.#stateDir, 'topologies', checked(topology), 'secrets');
  }

  #path(topology: string, name: string): string {
    return join(this.#directory(topology), ...name.split('/').map(checked)) + (isPublic(name) ? '' : ENCRYPTED);
  }

  /** Read once; an missing or damaged one is looked for again, so that it can be put back while the worker runs. */
  #knownIdentity(): Promise<Identity | undefined> {
    const identity = (this.#identity ??= readIdentity(this.#identityPath));
    const forget = (): void => {
      if (this.#identity === identity) this.#identity = undefined;
    };
    identity.then((found) => found === undefined && forget(), forget);
    return identity;
  }

  /** Creates the identity, unless secrets of the topology wait for a lost one: a second one would split them. */
  async #anyIdentity(topology: string): Promise<Identity> {
    const known = await this.#knownIdentity();
    if (known !== undefined) return known;
    const [encrypted] = (await this.list(topology)).filter((name) => !isPublic(name));
    if (encrypted !== undefined)
      throw this.#locked(`${encrypted} is encrypted and the identity ${this.#identityPath} is missing`);
    const created = createIdentity(this.#identityPath);
    this.#identity = created;
    return created;
  }

  #locked(why: string): ProvisionError {
    return new ProvisionError(
      'SECRET_MISSING',
      why,
      `restore ${this.#identityPath} from a backup; without it the stored keys are lost: tear down with --purge and provision again`,
    );
  }
}

const isPublic = (name: string): boolean => name.endsWith('.crt');

function checked(part: string): string {
  if (!PART.test(part)) throw new RangeError(`"${part}" cannot be part of a secret's name`);
  return part;
}
