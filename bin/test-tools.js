// What the tests drive in addition to the packages: real servers and tools of the operating system. Installed on Debian and
// Ubuntu as root; elsewhere the missing ones are named.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian package by the program that must be there. */
const TOOLS = {
  '/usr/sbin/sshd': 'openssh-server',
  '/usr/bin/ssh': 'openssh-client',
  '/usr/bin/sudo': 'sudo',
  '/usr/bin/age': 'age',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/unzip': 'unzip',
  '/usr/bin/curl': 'curl',
  '/bin/ps': 'procps',
  '/usr/bin/zsh': 'zsh',
  '/usr/bin/fish': 'fish',
  '/usr/bin/pg_ctlcluster': 'postgresql',
  '/usr/bin/keytool': 'default-jre-headless',
};

export function prepareTestTools() {
  const missing = Object.entries(TOOLS).filter(([program]) => !existsSync(program));
  if (missing.length === 0) return true;
  const packages = missing.map(([, name]) => name);
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`leafspan: installing what the tests drive: ${packages.join(', ')} ...\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { stdio: ['ignore', 2, 2], env };
    spawnSync('apt-get', ['update', '-qq'], options);
    if (spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options).status === 0)
      return true;
  }
  process.stderr.write(
    `leafspan: the tests need ${missing.map(([program]) => program).join(', ')}\nhint: on Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}\n`,
  );
  process.exitCode = 1;
  return false;
}
