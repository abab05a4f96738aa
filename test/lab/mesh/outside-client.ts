import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { MeshLab } from '../support/mesh-lab.js';

/** The nats CLI on this machine with no more than what `certs export` writes for a user. */
export async function outsideClient(
  lab: MeshLab,
  file: string,
  user: string,
): Promise<(...args: string[]) => Promise<string>> {
  const directory = join(dirname(lab.stateDir), user.replace('/', '-'));
  await lab.cli.mustRun('certs', 'export', '-f', file, '--user', user, '--out', directory);
  const program = join(lab.bundle() ?? '', 'cli', 'nats');
  const env = { PATH: process.env['PATH'], HOME: directory };
  return async (...args) => {
    const context = ['--context', join(directory, 'context.json')];
    return (await promisify(execFile)(program, [...context, ...args], { env })).stdout;
  };
}
