import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { main } from '../../../src/starters/main.js';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The command line in this process, with a state folder, a home and a lab of its own, and no terminal. */
export class Cli {
  readonly folder = mkdtempSync(join(tmpdir(), 'leafspan-cli-'));
  readonly stateDir = join(this.folder, 'state');
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = {}) {
    folders.push(this.folder);
    this.#env = {
      PATH: process.env['PATH'],
      USER: 'ada',
      HOSTNAME: 'desk',
      LEAFSPAN_STATE_DIR: this.stateDir,
      LEAFSPAN_LAB_STATE: join(this.folder, 'no-lab'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      ...env,
    };
  }

  /** Answers the path. */
  write(name: string, content: string | object): string {
    const path = join(this.folder, name);
    writeFileSync(path, typeof content === 'string' ? content : stringify(content));
    return path;
  }

  async run(...argv: string[]): Promise<Ran> {
    const output = { stdout: '', stderr: '' };
    const code = await main(argv, {
      stdout: { write: (text) => (output.stdout += text) },
      stderr: { write: (text) => (output.stderr += text) },
      env: this.#env,
      isTTY: false,
      cwd: this.folder,
      home: this.folder,
    });
    return { code, ...output };
  }
}

/** A topology file whose hosts nothing answers on. */
export const topologyFile = (changes: object = {}): object => ({
  apiVersion: 'leafspan/v1',
  name: 'plant-7',
  broker: { name: 'cluster-a', hosts: [{ name: 'vm-a', ssh: { address: '192.0.2.10', user: 'ubuntu' } }] },
  leaves: [{ name: 'cluster-b', hosts: [{ name: 'vm-b', ssh: { address: '192.0.2.20', user: 'ubuntu' } }] }],
  link: { mode: 'direct' },
  ...changes,
});
