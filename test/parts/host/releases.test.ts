import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { Step } from '../../../src/contract/plan.js';
import { linkerdDownloads } from '../../../src/domain/artifacts/releases.js';
import { k3sFilesPart } from '../../../src/parts/host/k3s-files.js';
import { linkerdCommand } from '../../../src/parts/host/tools.js';
import type { Part } from '../../../src/parts/part.js';
import { failureOf } from '../../support/errors.js';
import { BashHosts } from '../../support/fakes/bash-hosts.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { ReleaseServer, sha256Of } from '../../support/servers/release-server.js';
import { siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

/** The parts that are files, without a bundle, in a real bash, against the public layout of releases on a loopback port. */
const TOOL = '/usr/local/bin/linkerd';
const BINARY = '/usr/local/bin/k3s';
const AIRGAP = '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst';
const INSTALL = '/var/lib/leafspan/k3s-install.sh';
const INVENTORY = '/var/lib/leafspan/files';
const K3S = '/k3s-io/k3s/releases/download/v1.36.3+k3s1';
const SOURCE = '/k3s-io/k3s/v1.36.3+k3s1';

const linkerdCli = (arch: string, version = 'edge-26.8.3'): string =>
  `/linkerd/linkerd2/releases/download/${version}/linkerd2-cli-${version}-linux-${arch}`;
const part = linkerdCommand(({ settings }, arch, mirror) => linkerdDownloads(settings.linkerd.version, arch, mirror));

let root: string;
let server: ReleaseServer;
let hosts: BashHosts;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-releases-'));
  put('/var/lib/leafspan/claim.json', '{"topology":"plant-7","adopted":false}');
  put('/usr/local/bin/other', 'theirs');
  hosts = new BashHosts(root);
  server = new ReleaseServer();
  await server.start();
  publish(linkerdCli('amd64'), 'linkerd');
  server.files.set(`${K3S}/k3s`, 'k3s').set(`${K3S}/k3s-airgap-images-amd64.tar.zst`, 'images');
  server.files.set(`${K3S}/sha256sum-amd64.txt`, sums());
  server.files.set(`${SOURCE}/install.sh`, 'install');
  server.files.set(`${SOURCE}/install.sh.sha256sum`, `${sha256Of('install')}  install.sh\n`);
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const sums = (binary = 'k3s'): string =>
  `${sha256Of('images')}  k3s-airgap-images-amd64.tar.zst\n${sha256Of(binary)}  k3s\n`;
const publish = (path: string, content: string): void =>
  void server.files.set(path, content).set(`${path}.sha256`, `${sha256Of(content)}\n`);
const put = (path: string, content: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
/** Paths in it as they are on a real host. */
const onHost = (path: string): string => readFileSync(join(root, path), 'utf8').replaceAll(root, '');

const scopeOf = (version: string): Scope =>
  hubScope(twoClusters({ artifacts: { from: 'releases', mirror: server.url }, linkerd: { version } }));
const see = (of: Part, version = 'edge-26.8.3') => of.see(siteOf(fakePorts({ hosts }), scopeOf(version)));
async function ensure(of: Part, version?: string): Promise<Step[]> {
  const { steps, act } = await see(of, version);
  await act(steps);
  return steps;
}

test('a bare host downloads K3s, its images and its install script', async () => {
  const steps = await ensure(k3sFilesPart);
  expect(steps).toEqual(
    [BINARY, AIRGAP, INSTALL].map((object) => ({ verb: 'create', object, because: 'it is not there' })),
  );
  expect([BINARY, AIRGAP, INSTALL].map(onHost)).toEqual(['k3s', 'images', 'install']);
  expect(onHost(INVENTORY)).toBe(`${BINARY}\n${AIRGAP}\n${INSTALL}\n`);
});

test.each<[name: string, of: Part, lists: string[]]>([
  ['K3s', k3sFilesPart, [`${K3S}/sha256sum-amd64.txt`, `${SOURCE}/install.sh.sha256sum`]],
  ['the linkerd command', part, [`${linkerdCli('amd64')}.sha256`]],
])('a second look at %s asks for the lists of checksums only, and finds nothing to do', async (_name, of, lists) => {
  await ensure(of);
  server.asked.length = 0;
  expect(await ensure(of)).toEqual([]);
  expect(server.asked).toEqual(lists);
});

test('the linkerd CLI gets its mode and goes into the inventory', async () => {
  await ensure(part);
  expect(onHost(TOOL)).toBe('linkerd');
  expect(statSync(join(root, TOOL)).mode & 0o777).toBe(0o755);
  expect(onHost(INVENTORY)).toBe(`${TOOL}\n`);
});

test('a file that was edited is downloaded again', async () => {
  await ensure(k3sFilesPart);
  put(BINARY, 'edited');
  expect(await ensure(k3sFilesPart)).toEqual([
    {
      verb: 'change',
      object: BINARY,
      because: 'it differs from k3s',
      diff: [`sha256: ${sha256Of('edited').slice(0, 8)} → ${sha256Of('k3s').slice(0, 8)}`],
    },
  ]);
  expect(onHost(BINARY)).toBe('k3s');
});

test('a file that lost its mode gets it back', async () => {
  await ensure(part);
  chmodSync(join(root, TOOL), 0o644);
  expect(await ensure(part)).toMatchObject([{ verb: 'change', object: TOOL, diff: ['mode: 0644 → 0755'] }]);
  expect(await ensure(part)).toEqual([]);
});

test('another version replaces a CLI that is ours', async () => {
  await ensure(part);
  publish(linkerdCli('amd64', 'edge-26.9.1'), 'newer');
  expect(await ensure(part, 'edge-26.9.1')).toMatchObject([{ verb: 'change', object: TOOL }]);
  expect(onHost(TOOL)).toBe('newer');
});

test('a download for which the host has no room says so, in words that end the step', async () => {
  const directory = join(root, '/usr/local/bin');
  publish(linkerdCli('amd64'), 'x'.repeat(1_000_000));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
  const failure = await failureOf(ensure(part));
  execFileSync('umount', [directory]);
  expect(failure).toMatchObject({
    message: 'exit code 28',
    output: expect.stringContaining('No space left on device'),
  });
});

test('a CLI that was there before us stays, and is not taken for ours', async () => {
  put(TOOL, 'theirs');
  expect(await ensure(part)).toEqual([]);
  expect(onHost(TOOL)).toBe('theirs');
  expect(readdirSync(join(root, '/var/lib/leafspan'))).toEqual(['claim.json']);
});

test('a host with the other architecture gets its own CLI', async () => {
  hosts.machine = 'aarch64';
  publish(linkerdCli('arm64'), 'for arm64');
  await ensure(part);
  expect(onHost(TOOL)).toBe('for arm64');
});

test('while the list of checksums cannot be fetched the plan says so, for what is there and for what is not', async () => {
  await ensure(k3sFilesPart);
  server.down.add(`${K3S}/sha256sum-amd64.txt`);
  rmSync(join(root, AIRGAP));
  rmSync(join(root, '/var/lib/leafspan/sums'));
  const unknown = `${server.url}${K3S.replace('+', '%2B')}/sha256sum-amd64.txt cannot be fetched now`;
  expect((await see(k3sFilesPart)).steps).toEqual([
    { verb: 'change', object: BINARY, because: `it cannot be compared yet; ${unknown}` },
    { verb: 'create', object: AIRGAP, because: `it is not there; ${unknown}` },
  ]);
});

test('while the release server is away, what was downloaded earlier is compared with the checksum of then', async () => {
  await ensure(k3sFilesPart);
  server.down.add(`${K3S}/sha256sum-amd64.txt`);
  expect((await see(k3sFilesPart)).steps).toEqual([]);
  rmSync(join(root, AIRGAP));
  expect((await see(k3sFilesPart)).steps).toEqual([{ verb: 'create', object: AIRGAP, because: 'it is not there' }]);
});

test('a release that is not there is refused by the plan, unless the host has had it', async () => {
  await ensure(k3sFilesPart);
  server.files.delete(`${K3S}/sha256sum-amd64.txt`);
  const unknown = `${server.url}${K3S.replace('+', '%2B')}/sha256sum-amd64.txt is not there, or a proxy forbids it`;
  expect((await see(k3sFilesPart)).steps).toEqual([]);
  rmSync(join(root, AIRGAP));
  rmSync(join(root, '/var/lib/leafspan/sums'));
  expect(await failureOf(see(k3sFilesPart))).toMatchObject({ code: 'DOWNLOAD_REFUSED', message: unknown });
});

test('a list that can be fetched again by then compares, and what is the same stays', async () => {
  await ensure(k3sFilesPart);
  server.down.add(`${K3S}/sha256sum-amd64.txt`);
  rmSync(join(root, '/var/lib/leafspan/sums'));
  const { steps, act } = await see(k3sFilesPart);
  server.down.clear();
  server.asked.length = 0;
  await act(steps);
  expect(server.asked).not.toContain(`${K3S}/k3s`);
});

test('a CLI whose download was cut is fetched by the next attempt, as ours', async () => {
  server.files.delete(linkerdCli('amd64'));
  await failureOf(ensure(part));
  publish(linkerdCli('amd64'), 'linkerd');
  expect(await ensure(part)).toMatchObject([{ verb: 'create', object: TOOL }]);
  expect(onHost(INVENTORY)).toBe(`${TOOL}\n`);
});

test.each<[problem: string, code: string, path: string, content: string | undefined, message: RegExp]>([
  [
    'a CLI of another checksum',
    'ARTIFACT_CORRUPT',
    linkerdCli('amd64'),
    'damaged',
    /^checksum mismatch for .*amd64: got /,
  ],
  [
    'no checksum',
    'ARTIFACT_CORRUPT',
    `${linkerdCli('amd64')}.sha256`,
    'nonsense\n',
    /amd64\.sha256 has no checksum of/,
  ],
  ['no CLI', 'DOWNLOAD_REFUSED', linkerdCli('amd64'), undefined, /is not there: .*404/],
  [
    'no checksum file',
    'DOWNLOAD_REFUSED',
    `${linkerdCli('amd64')}.sha256`,
    undefined,
    /is not there, or a proxy forbids it$/,
  ],
])('a mirror with %s is reported, and no CLI is put in place', async (_problem, code, path, content, message) => {
  server.files.delete(path);
  for (const present of [content].filter((some) => some !== undefined)) server.files.set(path, present);
  expect(await failureOf(ensure(part))).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(readdirSync(join(root, '/usr/local/bin'))).toEqual(['other']);
});

test('a host without curl is reported before anything is changed', async () => {
  hosts.before = 'command() { return 1; }\n';
  expect(await failureOf(see(part))).toMatchObject({ code: 'PREFLIGHT_FAILED', message: 'command curl is missing' });
});
