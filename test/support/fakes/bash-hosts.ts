import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ProvisionError } from '../../../src/contract/errors.js';
import type { RunOptions, RunResult } from '../../../src/parts/ports.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import { FakeHosts } from './hosts.js';

const FOLDERS = ['/usr/local/bin', '/var/lib/leafspan', '/var/lib/rancher', '/etc/rancher', '/home/.kube'];

/** A host whose scripts run in a real bash, as the SSH adapter runs them, with our folders below `root`. */
export class BashHosts extends FakeHosts {
  machine = 'x86_64';
  /** Runs in front of every script. */
  before = '';
  readonly #root: string;

  constructor(root: string) {
    super();
    this.#root = root;
  }

  override async run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    this.ran.push(script);
    const moved = FOLDERS.reduce(
      (all, folder) => all.replaceAll(folder, this.#root + folder),
      `uname() { echo ${this.machine}; }\n${this.before}${script}`,
    );
    const bash = spawn('bash', ['-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
    bash.stdin.end(options.failFast === true ? `set -e\n${moved}` : moved);
    const [stdout, stderr, [code]] = await Promise.all([
      text(bash.stdout),
      text(bash.stderr),
      once(bash, 'close') as Promise<[number]>,
    ]);
    if (code !== 0 && !(options.okCodes ?? []).includes(code))
      throw new ProvisionError('COMMAND_FAILED', `exit code ${code}`, undefined, { host: host.name }, stderr);
    return { code, stdout: stdout.replaceAll(this.#root, ''), stderr };
  }
}
