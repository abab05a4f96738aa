import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NO_UNIT, parseFacts } from '../../../src/domain/hosts/facts.js';
import { inspectScript } from '../../../src/domain/hosts/inspect.js';

const host = { name: 'vm-a', cluster: 'cluster-a' };

test('reads the facts of the machine that it runs on', () => {
  const before = Date.now();
  const output = execFileSync('bash', ['-s'], {
    input: inspectScript([], [{ address: '127.0.0.1', port: 1 }]),
    encoding: 'utf8',
  });
  const facts = parseFacts(host, output, { beforeMs: before, afterMs: Date.now() });
  expect(facts).toMatchObject({
    host: 'vm-a',
    cluster: 'cluster-a',
    reach: [{ address: '127.0.0.1', port: 1, state: 'refused' }],
  });
  expect(facts.memoryMb).toBeGreaterThan(100);
  expect(facts.cpus).toBeGreaterThan(0);
  expect(facts.addresses).toContain('127.0.0.1');
  expect(facts.diskSizeMb).toBeGreaterThan(facts.diskFreeMb);
  expect(Math.abs(facts.clockOffsetMs)).toBeLessThan(10_000);
});

test('measures the clock from the middle of the call', () => {
  const facts = parseFacts(host, 'epochNs=40000000000\n', { beforeMs: 9_000, afterMs: 11_000 });
  expect(facts.clockOffsetMs).toBe(30_000);
});

test('keeps values that contain an equals sign', () => {
  expect(parseFacts(host, 'os=A=B\narch=x86_64\n', { beforeMs: 0, afterMs: 0 })).toMatchObject({
    os: 'A=B',
    arch: 'amd64',
  });
});

test('sees a listening port without any tool', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const output = execFileSync('bash', ['-s'], { input: inspectScript([port], []), encoding: 'utf8' });
  server.close();
  expect(parseFacts(host, output, { beforeMs: 0, afterMs: 0 }).portsTaken).toEqual([port]);
});

test.each([
  ['inodes=1000\ninodesFree=12\n', { inodes: 1_000, inodesFree: 12 }],
  ['inodes=0\ninodesFree=0\n', { inodes: 0, inodesFree: 0 }],
  ['inodes=-\ninodesFree=-\n', { inodes: 0, inodesFree: 0 }],
  ['', { inodes: 0, inodesFree: 0 }],
])('of inodes printed as %j it knows %j', (output, inodes) => {
  expect(parseFacts(host, output, { beforeMs: 0, afterMs: 0 })).toMatchObject(inodes);
});

test('sees another Kubernetes whose units lie below /usr/local, or are gone', () => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  mkdirSync(join(root, 'usr/local/lib/systemd/system'), { recursive: true });
  writeFileSync(join(root, 'usr/local/lib/systemd/system/rke2-server.service'), '');
  mkdirSync(join(root, 'var/lib/k0s'), { recursive: true });
  const input = inspectScript([], []).replaceAll(/\/(usr\/local\/lib\/systemd|var\/lib\/k0s)/g, `${root}/$1`);
  const { otherKubernetes } = parseFacts(host, execFileSync('bash', ['-s'], { input, encoding: 'utf8' }), {
    beforeMs: 0,
    afterMs: 0,
  });
  rmSync(root, { recursive: true });
  expect(otherKubernetes).toEqual(['rke2-server.service', join(root, 'var/lib/k0s')]);
});

/** What the inspection finds on this machine where these texts of its script are replaced, and with these programs. */
function found(moved: Record<string, string>, programs: Record<string, string> = {}) {
  const bin = mkdtempSync(join(tmpdir(), 'leafspan-bin-'));
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const input = Object.entries(moved).reduce((all, [from, to]) => all.replaceAll(from, to), inspectScript([], []));
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const output = execFileSync('bash', ['-u', '-s'], { input, encoding: 'utf8', env });
  rmSync(bin, { recursive: true });
  return parseFacts(host, output, { beforeMs: 0, afterMs: 0 });
}

test('sees the K3s of a distribution, whose unit and binary lie elsewhere', () => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  writeFileSync(join(root, 'k3s.service'), '');
  const facts = found({ '/usr/lib/systemd/system': root }, { systemctl: 'echo active' });
  rmSync(root, { recursive: true });
  expect(facts.k3sUnit).toBe('active');
});

test.each<[where: string, pid: string, unit: string | undefined]>([
  ['on the host', '$PPID', NO_UNIT],
  ['in a container', '0', undefined],
])('a K3s that something else than its unit has started %s', (_where, pid, unit) => {
  expect(found({ 'k3s.service': 'no.service' }, { pgrep: `echo ${pid}` }).k3sUnit).toBe(unit);
});

test("measures the disk that K3s's data is on, also behind a link", () => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  mkdirSync(join(root, 'rancher'));
  symlinkSync('/dev/shm', join(root, 'rancher/k3s'));
  const [size] = execFileSync('df', ['-m', '--output=size', '/dev/shm'], { encoding: 'utf8' }).split('\n').slice(1);
  const facts = found({ '/var/lib/rancher': join(root, 'rancher') });
  rmSync(root, { recursive: true });
  expect(facts.diskSizeMb).toBe(Number(size));
});

test('names variables that the unit of K3s would get, and not their values', () => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  const file = join(root, 'k3s');
  writeFileSync(
    file,
    '# K3S_URL=old\nexport K3S_TOKEN=secret\nHTTP_PROXY=x\n K3S_DATASTORE_ENDPOINT="mysql://u:p@db"\n',
  );
  const facts = found({ '/etc/default': root });
  rmSync(root, { recursive: true });
  expect(facts.k3sVariables).toEqual([
    { file, name: 'K3S_TOKEN' },
    { file, name: 'K3S_DATASTORE_ENDPOINT' },
  ]);
});

test.each<[what: string, text: string, os: string]>([
  ['without a name for people', 'ID=tiny\n', 'Linux'],
  ['with one', 'PRETTY_NAME="Tiny 1"\n', 'Tiny 1'],
])('reads a system %s', (_what, text, os) => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  writeFileSync(join(root, 'os-release'), text);
  const facts = found({ '/etc/os-release': join(root, 'os-release') });
  rmSync(root, { recursive: true });
  expect(facts.os).toBe(os);
});

test('sees routes of a VPN, which keeps them in a table of its own', () => {
  const ip = `cat <<'ROUTES'
default via 192.0.2.1 dev eth0
10.42.0.0/16 dev tailscale0 table 52
100.64.0.7 dev tailscale0 table 52
198.51.100.0/24 dev eth0 proto kernel
ROUTES`;
  const { routes } = found({}, { ip });
  expect(routes).toEqual(
    expect.arrayContaining([
      { interface: 'tailscale0', to: '10.42.0.0/16' },
      { interface: 'tailscale0', to: '100.64.0.7' },
    ]),
  );
  expect(routes).not.toContainEqual({ interface: 'eth0', to: '198.51.100.0/24' });
});

const chain = (...rules: string[]): string =>
  ['table inet site {', '\tchain in {', ...rules.map((rule) => `\t\t${rule}`), '\t}', '}'].join('\n');

test.each<[what: string, ruleset: string, firewall: string | undefined]>([
  ['drops by policy', chain('type filter hook input priority filter; policy drop;'), 'nft'],
  ['rejects at its end', chain('type filter hook input priority filter; policy accept;', 'reject'), 'nft'],
  [
    'drops what one address sends',
    chain('type filter hook input priority filter; policy accept;', 'ip saddr 192.0.2.1 drop'),
    undefined,
  ],
  [
    'is that of iptables, as with docker',
    chain('type filter hook forward priority filter; policy drop;').replace('inet site', 'ip filter'),
    undefined,
  ],
])('an nftables firewall that %s', (_what, ruleset, firewall) => {
  const programs = { nft: `cat <<'RULES'\n${ruleset}\nRULES`, iptables: 'true', systemctl: 'exit 3' };
  expect(found({ '/etc/ufw': '/nowhere' }, programs).firewall).toBe(firewall);
});

test('reads routes as the kernel prints them, without the default one', () => {
  const output = 'route=eth0 00000000 00000000\nroute=eth0 0000000A 000000FF\nroute=cni0 00002A0A 00FFFFFF\n';
  expect(parseFacts(host, output, { beforeMs: 0, afterMs: 0 }).routes).toEqual([
    { interface: 'eth0', to: '10.0.0.0/8' },
    { interface: 'cni0', to: '10.42.0.0/24' },
  ]);
});

test("reads K3s's configuration and what is merged over it line by line, also a last line without an end", () => {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-facts-'));
  mkdirSync(join(root, 'k3s/config.yaml.d'), { recursive: true });
  writeFileSync(join(root, 'k3s/config.yaml'), 'tls-san:\n  - 192.0.2.10\n');
  writeFileSync(join(root, 'k3s/config.yaml.d/50-x.yaml'), 'cluster-cidr: 10.60.0.0/16');
  const input = inspectScript([], []).replaceAll('/etc/rancher', root);
  const facts = parseFacts(host, execFileSync('bash', ['-s'], { input, encoding: 'utf8' }), {
    beforeMs: 0,
    afterMs: 0,
  });
  rmSync(root, { recursive: true });
  expect(facts.k3sConfig).toEqual(['tls-san:', '  - 192.0.2.10']);
  expect(facts.dropIns).toEqual([
    { file: join(root, 'k3s/config.yaml.d/50-x.yaml'), line: 'cluster-cidr: 10.60.0.0/16' },
  ]);
});
