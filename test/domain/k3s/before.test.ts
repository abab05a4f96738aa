import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  BEFORE_FUNCTIONS,
  recordBeforeScript,
  restoreConfigurationScript,
} from '../../../src/domain/k3s/before/record.js';
import { K3S_DIRECTORIES } from '../../../src/domain/k3s/before/places.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-before-'));
  mkdirSync(join(root, 'var/lib/leafspan'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

/** In a bash as on a host, with the host's directories below `root`. */
function run(script: string): string {
  const moved = script.replace(/(?<=[\s'"=])\/(?=(etc|var|run|opt|usr)\/)/g, `${root}/`);
  const { stdout, stderr, status } = spawnSync('bash', ['-u', '-o', 'pipefail', '-c', moved], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.replaceAll(root, '');
}

const at = (path: string): string => join(root, path);
function write(path: string, text = 'theirs'): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}
const record = (): string => run(`set -e\n${recordBeforeScript}`);
const each = (verb: 'clear' | 'left'): string => K3S_DIRECTORIES.map((path) => `${verb} '${path}'`).join('\n');
const clear = (): string => run(`${BEFORE_FUNCTIONS}${restoreConfigurationScript}${each('clear')}\ntrue`);
const left = (): string[] =>
  run(`${BEFORE_FUNCTIONS}${each('left')}\ntrue`)
    .trim()
    .split('\n')
    .filter(Boolean);

const K3S_MADE = [
  '/etc/rancher/node/password',
  '/var/lib/rancher/k3s/server/token',
  '/var/lib/cni/networks/cbr0/10.42.0.2',
];
const install = (): void => K3S_MADE.forEach((path) => write(path, 'ours'));

test('of a bare host everything of K3s goes', () => {
  record();
  install();
  expect(left()).toEqual(['file /etc/rancher/node', 'file /var/lib/rancher/k3s', 'file /var/lib/cni']);
  clear();
  expect(left()).toEqual([]);
  expect(K3S_MADE.filter((path) => existsSync(at(path)))).toEqual([]);
});

test.each<[whose: string, path: string]>([
  ['a network of podman', '/etc/cni/net.d/87-podman-bridge.conflist'],
  ['a plugin of nerdctl', '/opt/cni/bin/bridge'],
  ['addresses that podman has given out', '/var/lib/cni/networks/podman/10.88.0.2'],
  ['mirrors of registries', '/etc/rancher/k3s/registries.yaml'],
  ['the agent of Rancher', '/etc/rancher/agent/config.yaml'],
  ['images beside the directory of K3s', '/var/lib/rancher/agent/keep'],
])('%s that was there before stays, and is not counted as left', (_whose, path) => {
  write(path);
  record();
  install();
  clear();
  expect(left()).toEqual([]);
  expect(readFileSync(at(path), 'utf8')).toBe('theirs');
  expect(K3S_MADE.filter((made) => existsSync(at(made)))).toEqual([]);
});

test('the record names every file, however many were there before', () => {
  const directory = at('/var/lib/cni/networks/podman');
  mkdirSync(directory, { recursive: true });
  // More than a list with a round limit would hold.
  const made = `for i in $(seq 1 101); do for j in $(seq 1 500); do echo "$i-$j"; done; done | (cd '${directory}' && xargs touch)`;
  spawnSync('bash', ['-c', made]);
  record();
  expect(readFileSync(at('/var/lib/leafspan/before/paths'), 'utf8').match(/podman\/\d/g)).toHaveLength(50_500);
});

test('a configuration of K3s that somebody had prepared is there again, byte for byte', () => {
  write('/etc/rancher/k3s/config.yaml', 'token: mine\n');
  record();
  install();
  write('/etc/rancher/k3s/config.yaml', 'node-name: vm-a\n');
  write('/etc/rancher/k3s/k3s.yaml', 'admin');
  clear();
  expect(readdirSync(at('/etc/rancher/k3s'))).toEqual(['config.yaml']);
  expect(readFileSync(at('/etc/rancher/k3s/config.yaml'), 'utf8')).toBe('token: mine\n');
});

test.each(['/etc/systemd/system/k3s.service.env', '/usr/local/bin/k3s-killall.sh'])(
  '%s, which the install script of K3s writes over, is there again byte for byte',
  (path) => {
    write(path, 'HTTPS_PROXY=http://203.0.113.1:3128\n');
    record();
    write(path, 'ours');
    clear();
    expect(readFileSync(at(path), 'utf8')).toBe('HTTPS_PROXY=http://203.0.113.1:3128\n');
  },
);

test('a link of others with the name of a tool of K3s is there again', () => {
  mkdirSync(at('/usr/local/bin'), { recursive: true });
  symlinkSync('k3s', at('/usr/local/bin/kubectl'));
  record();
  rmSync(at('/usr/local/bin/kubectl'));
  clear();
  expect(readlinkSync(at('/usr/local/bin/kubectl'))).toBe('k3s');
});

test('a directory of K3s that is a link stays, what K3s wrote through it goes', () => {
  mkdirSync(at('/srv/disk'), { recursive: true });
  write('/srv/disk/theirs');
  mkdirSync(at('/var/lib/rancher'), { recursive: true });
  symlinkSync(at('/srv/disk'), at('/var/lib/rancher/k3s'));
  record();
  install();
  expect(left()).toContain('file /var/lib/rancher/k3s/server');
  clear();
  expect(left()).toEqual([]);
  expect(readdirSync(at('/srv/disk'))).toEqual(['theirs']);
});

test('a host that an earlier version has claimed has no record, and nothing counts as there before', () => {
  install();
  clear();
  expect(K3S_MADE.filter((path) => existsSync(at(path)))).toEqual([]);
});
