import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import type { LabInstall, LabReport } from '../types.js';
import { mustRun, run } from './run-command.js';

type Family = 'debian' | 'fedora' | 'arch';

interface Tool {
  command: string;
  packages: Record<Family, string>;
}

const tool = (command: string, debian: string, fedora = debian, arch = fedora): Tool => ({
  command,
  packages: { debian, fedora, arch },
});

export const TOOLS: readonly Tool[] = [
  tool('debootstrap', 'debootstrap'),
  tool('systemd-nspawn', 'systemd-container', 'systemd-container', 'systemd'),
  tool('ip', 'iproute2', 'iproute', 'iproute2'),
  tool('tc', 'iproute2', 'iproute-tc', 'iproute2'),
  tool('nft', 'nftables'),
  tool('ssh', 'openssh-client', 'openssh-clients', 'openssh'),
  tool('ssh-keygen', 'openssh-client', 'openssh-clients', 'openssh'),
  tool('mkfs.ext4', 'e2fsprogs'),
  tool('mount', 'mount', 'util-linux'),
  tool('nsenter', 'util-linux'),
  tool('unshare', 'util-linux'),
  tool('setpriv', 'util-linux'),
  tool('fallocate', 'util-linux'),
  tool('awk', 'mawk', 'gawk'),
];

const INSTALL: Record<Family, readonly string[]> = {
  debian: ['apt-get', 'install', '--yes', '--no-install-recommends'],
  fedora: ['dnf', 'install', '--assumeyes'],
  arch: ['pacman', '--sync', '--noconfirm'],
};

const KEYRING = { file: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring' };

export interface Machine {
  platform: NodeJS.Platform;
  uid: number | undefined;
  path: string;
  osRelease: string;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    path: process.env['PATH'] ?? '',
    osRelease: existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '',
  };
}

export function requireRootOnLinux(machine: Machine): void {
  if (machine.platform !== 'linux') {
    const seen = `the lab makes Linux hosts and needs Linux; this is ${machine.platform}`;
    throw new ProvisionError('LAB_NOT_LINUX', seen, 'run it in a Linux VM, or name your own hosts in a topology');
  }
  if (machine.uid !== 0) {
    const seen = `the lab makes mounts and network namespaces and needs root; this is uid ${String(machine.uid)}`;
    throw new ProvisionError('LAB_NOT_ROOT', seen, 'run: sudo -E env "PATH=$PATH" npm run start -- lab up');
  }
}

export function familyOf(osRelease: string): Family | undefined {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) => (match[1] ?? '').split(' '));
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  if (ids.some((id) => id === 'fedora' || id === 'rhel')) return 'fedora';
  return ids.includes('arch') ? 'arch' : undefined;
}

export function missingPackages(
  has: (command: string) => boolean,
  family: Family,
): { commands: string[]; packages: string[] } {
  const missing = TOOLS.filter((each) => !has(each.command));
  return {
    commands: missing.map((each) => each.command),
    packages: [...new Set(missing.map((each) => each.packages[family]))],
  };
}

interface Ask {
  install: LabInstall;
  confirm?: (question: string) => Promise<boolean>;
  report: LabReport;
  signal?: AbortSignal | undefined;
}

/** Root, Linux and every tool; on Debian and its kin it installs what is missing, unless that is refused. */
export async function ensurePrerequisites(machine: Machine, ask: Ask): Promise<void> {
  requireRootOnLinux(machine);
  const family = familyOf(machine.osRelease);
  const { commands, packages } = missingPackages(finder(machine.path), family ?? 'debian');
  // Only Debian's own apt trusts the keys that debootstrap checks the root against.
  if (family === 'debian' && !existsSync(KEYRING.file)) packages.push(KEYRING.package);
  if (packages.length === 0) return;
  const command = [...INSTALL[family ?? 'debian'], ...packages].join(' ');
  const what = commands.length > 0 ? `the lab needs ${commands.join(', ')}` : `the lab needs ${packages.join(', ')}`;
  const allowed = family === 'debian' && (await mayInstall(ask, `${what}; install with: ${command} ?`));
  if (!allowed)
    throw new ProvisionError('LAB_TOOL_MISSING', `${what}, which this machine does not have`, `run: ${command}`);
  await aptInstall(packages, command, ask);
}

async function mayInstall(ask: Ask, question: string): Promise<boolean> {
  if (ask.install === 'ask') return (await ask.confirm?.(question)) ?? false;
  return ask.install === 'yes';
}

async function aptInstall(packages: string[], command: string, { report, signal }: Ask): Promise<void> {
  const started = Date.now();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const [file = '', ...args] = INSTALL.debian;
  report({ step: 'packages', state: 'running', detail: command });
  const first = await run(file, [...args, ...packages], { env, signal });
  if (first.code !== 0) {
    // A fresh machine has no package lists yet.
    await mustRun('apt-get', ['update'], { env, signal });
    await mustRun(file, [...args, ...packages], { env, signal });
  }
  report({ step: 'packages', state: 'done', detail: packages.join(' '), elapsedMs: Date.now() - started });
}

const finder = (path: string) => (command: string) =>
  [...path.split(':'), '/usr/sbin', '/sbin'].some((dir) => dir !== '' && existsSync(join(dir, command)));
