import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseFacts } from '../../../src/domain/hosts/facts.js';
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
