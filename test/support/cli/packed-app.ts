import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '../servers/loopback.js';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Lock {
  packages: Record<string, { dev?: boolean; inBundle?: boolean }>;
}

/**
 * A directory with the package that `npm pack` makes, unpacked where npm puts it. What npm would fetch for it are links to what is
 * here already; what is for development, such as TypeScript, is not among them.
 */
export class PackedApp {
  readonly directory = mkdtempSync(join(tmpdir(), 'leafspan-packed-'));
  readonly #modules = join(this.directory, 'node_modules');
  /** The package, unpacked. */
  readonly home = join(this.#modules, 'leafspan');
  readonly stateDir = join(this.directory, 'state');
  /** For what npx runs, in addition. */
  readonly env: Record<string, string> = {};

  constructor() {
    const packed = ['pack', '--silent', '--pack-destination', this.directory];
    const name = execFileSync('npm', packed, { cwd: ROOT, encoding: 'utf8' }).trim();
    const { home } = this;
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['-xzf', join(this.directory, name), '-C', home, '--strip-components=1']);
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    const fetched = Object.entries(packages).filter(([, { dev, inBundle }]) => dev !== true && inBundle !== true);
    const paths = fetched.map(([path]) => path).filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
    for (const path of paths) this.#link(join(ROOT, path), join(this.directory, path));
    this.#link(join(home, 'bin/leafspan.js'), join(this.#modules, '.bin/leafspan'));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text);
  }

  /** Version of a package as the packed one finds it. */
  versionOf(name: string, from = ''): string {
    const path = join(this.#modules, 'leafspan', from, 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  }

  /** As a person types it. */
  async npx(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const { PATH, HOME } = process.env;
    const ports = {
      LEAFSPAN_TEMPORAL_PORT: String(await freePort()),
      LEAFSPAN_TEMPORAL_UI_PORT: String(await freePort()),
    };
    const env = { PATH, HOME, NO_COLOR: '1', LEAFSPAN_STATE_DIR: this.stateDir, ...ports, ...this.env };
    return spawnSync('npx', ['--no-install', 'leafspan', ...args], { cwd: this.directory, env, encoding: 'utf8' });
  }

  async remove(): Promise<void> {
    await this.npx('stop');
    rmSync(this.directory, { recursive: true, force: true });
  }

  #link(target: string, path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  }
}
