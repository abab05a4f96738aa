import type { SecretStore } from '../../../src/parts/ports.js';

/** Secrets in memory. */
export class FakeSecrets implements SecretStore {
  readonly #values = new Map<string, Map<string, string>>();
  readonly reads: string[] = [];
  readonly writes: string[] = [];

  read(topology: string, name: string): Promise<Buffer | undefined> {
    this.reads.push(name);
    const value = this.#values.get(topology)?.get(name);
    return Promise.resolve(value === undefined ? undefined : Buffer.from(value));
  }

  write(topology: string, name: string, value: Buffer | string): Promise<void> {
    this.writes.push(name);
    this.#values.set(topology, (this.#values.get(topology) ?? new Map<string, string>()).set(name, value.toString()));
    return Promise.resolve();
  }

  list(topology: string): Promise<string[]> {
    return Promise.resolve([...(this.#values.get(topology)?.keys() ?? [])]);
  }

  purge(topology: string): Promise<boolean> {
    return Promise.resolve(this.#values.delete(topology));
  }

  /** The same secrets, for a test that changes them. */
  async copy(): Promise<FakeSecrets> {
    const copy = new FakeSecrets();
    for (const [topology, values] of this.#values)
      for (const [name, value] of values) await copy.write(topology, name, value);
    return copy;
  }

  /** A broken store, as a full disk or an interrupted run leaves it. */
  forget(topology: string, name: string): void {
    this.#values.get(topology)?.delete(name);
  }
}
