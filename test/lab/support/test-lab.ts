import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  labDefaults,
  labDown,
  labFault,
  labSshCommand,
  labUp,
  type Fault,
  type LabOptions,
  type LabState,
} from '../../../src/lab/lab.js';

const report = (): void => undefined;

/** Name, subnet and folder of its own, so that it runs beside the default lab; the host root is shared. */
export class TestLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'leafspan-lab-test-'));
  readonly options: LabOptions;

  constructor(name: string) {
    this.options = { name, stateDir: join(this.folder, 'state'), cacheDir: labDefaults(process.env).cacheDir };
  }

  readonly up = (hosts = 2): Promise<LabState> =>
    labUp({ ...this.options, hosts, install: 'no', report, bundle: 'none' });

  readonly down = (options = this.options): Promise<void> => labDown({ ...options, report });

  readonly fault = (fault: Fault): Promise<void> => labFault({ ...this.options, fault, report });

  /** What the command wrote; it has to go well. */
  readonly ssh = async (host: string, command: string): Promise<string> => {
    const { file, args } = labSshCommand(this.options, host, [command]);
    const { stdout } = await promisify(execFile)(file, args);
    return stdout.trim();
  };

  readonly reaches = (from: string, to: string, port: number): Promise<string> =>
    this.ssh(from, `timeout 2 bash -c '</dev/tcp/${to}/${String(port)}' 2>/dev/null && echo yes || echo no`);

  readonly remove = async (): Promise<void> => {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  };
}
