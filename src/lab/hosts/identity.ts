import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../machine/run-command.js';
import { hostNameAt, MAX_HOSTS, type HostNames, type LabNames } from '../names.js';

const UBUNTU_UID = 1000;
const HOST_KEY = 'ssh_host_ed25519_key';

/** The key pair that opens every host of the lab. */
export const ensureLabKey = (names: LabNames): Promise<void> => ensureKey(names.keyFile, `leafspan-${names.name}`);

/** What one machine has and no other: name, machine id, host key; and what all have in common: names and the login key. */
export async function ensureHostIdentity(host: HostNames, names: LabNames): Promise<void> {
  const etc = join(host.root, 'etc');
  await ensureKey(hostKeyFile(host), host.host);
  for (const [suffix, mode] of [['', 0o600] as const, ['.pub', 0o644] as const]) {
    put(join(etc, 'ssh', HOST_KEY + suffix), readFileSync(hostKeyFile(host) + suffix, 'utf8'), mode);
  }
  // A first boot would ask and preset; systemd takes an empty file for one.
  if (readFileSync(join(etc, 'machine-id'), 'utf8') === '') {
    writeFileSync(join(etc, 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
  }
  put(join(etc, 'hostname'), `${host.host}\n`, 0o644);
  put(join(etc, 'hosts'), hostsFile(names), 0o644);
  authorize(join(host.root, 'home', 'ubuntu', '.ssh'), readFileSync(`${names.keyFile}.pub`, 'utf8'));
}

/** As OpenSSH shows it, and as a topology pins it. */
export function hostKeyFingerprint(host: HostNames): string {
  const blob = Buffer.from(publicKeyOf(host).split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

export const knownHostsLine = (host: HostNames): string => {
  const [type = '', key = ''] = publicKeyOf(host).split(' ');
  return `${host.address},${host.host} ${type} ${key}\n`;
};

const hostKeyFile = (host: HostNames): string => join(host.dir, HOST_KEY);
const publicKeyOf = (host: HostNames): string => readFileSync(`${hostKeyFile(host)}.pub`, 'utf8');

/** All names that a lab can have, so that a host which comes later is known to those that run already. */
function hostsFile(names: LabNames): string {
  const all = Array.from({ length: MAX_HOSTS }, (_, index) => names.host(hostNameAt(index)));
  const lines = all.map((host) => `${host.address} ${host.host}`);
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...lines, ''].join('\n');
}

/** A host that is as wanted stays untouched: people compare hosts before and after a run. */
function put(file: string, text: string, mode: number): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(file, text, { mode });
}

function authorize(dir: string, publicKey: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'authorized_keys');
  put(file, publicKey, 0o600);
  for (const path of [dir, file]) chownSync(path, UBUNTU_UID, UBUNTU_UID);
}

/** The private half appears last: where it is, the pair is whole. */
async function ensureKey(file: string, comment: string): Promise<void> {
  if (existsSync(file)) return;
  const fresh = `${file}.new-${randomBytes(4).toString('hex')}`;
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', fresh]);
  renameSync(`${fresh}.pub`, `${file}.pub`);
  renameSync(fresh, file);
}
