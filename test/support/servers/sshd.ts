import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginHost } from '../../../src/adapters/ssh/login/login-host.js';
import type { Host, SshTarget } from '../../../src/contract/topology/topology.js';
import { answering, freePort } from './loopback.js';

/** A real sshd of the test's own, on a loopback port. Needs root and /usr/sbin/sshd. */
export interface TestSshd {
  folder: string;
  port: number;
  keyFile: string;
  hostKey: string;
  host(ssh?: Partial<SshTarget>): TestHost;
  /** Processes that serve a connection. */
  connections(): number[];
  stop(): Promise<void>;
}

export async function startSshd(extraConfig: string[] = []): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'leafspan-sshd-'));
  const [hostKeyFile, keyFile, authorized] = ['host_key', 'user_key', 'authorized_keys'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  newKey(hostKeyFile);
  newKey(keyFile);
  writeFileSync(authorized, readFileSync(`${keyFile}.pub`), { mode: 0o644 });
  execFileSync('chmod', ['0755', folder]);
  const port = await freePort();
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${authorized}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    ...extraConfig,
  ];
  const configFile = join(folder, 'sshd_config');
  writeFileSync(configFile, `${config.join('\n')}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', configFile], { stdio: 'ignore' });
  await answering(port, sshd, 'sshd');
  return {
    folder,
    port,
    keyFile,
    hostKey: fingerprint(hostKeyFile),
    host: (ssh = {}) =>
      hostAt({ port, user: 'root', privateKeyFile: keyFile, hostKey: fingerprint(hostKeyFile), ...ssh }),
    connections: () => childrenOf(sshd.pid ?? 0),
    stop: async () => {
      for (const pid of childrenOf(sshd.pid ?? 0)) killQuietly(pid);
      sshd.kill('SIGTERM');
      if (sshd.exitCode === null) await once(sshd, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A host whose port and user the topology names. */
export type TestHost = Host & LoginHost;

export const hostAt = (ssh: Partial<SshTarget>): TestHost => ({
  name: 'hub-1',
  cluster: 'hub',
  ssh: { address: '127.0.0.1', port: 22, user: 'root', ...ssh },
  internalAddress: '127.0.0.1',
  externalAddress: '127.0.0.1',
  adopt: false,
});

export function newKey(path: string, type = 'ed25519', passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-f', path]);
}

export const fingerprint = (path: string): string =>
  execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';

/** A login user for one test, with or without the right to use sudo without a password. */
export function addUser(name: string, sudo: boolean): () => void {
  const sudoers = `/etc/sudoers.d/${name}`;
  const remove = (): void => {
    spawnSync('userdel', ['-r', name], { stdio: 'ignore' });
    rmSync(sudoers, { force: true });
  };
  remove();
  execFileSync('useradd', ['-m', '-s', '/bin/bash', '-p', '*', name]);
  if (sudo) writeFileSync(sudoers, `${name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
  return remove;
}

export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
