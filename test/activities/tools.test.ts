import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { BashHosts } from '../support/fakes/bash-hosts.js';
import { attempt, fakePorts } from '../support/fakes/ports.js';
import { ReleaseServer, sha256Of } from '../support/release-server.js';
import { meshMode, twoClusters } from '../support/topologies.js';
import { linkerdImages } from '../../src/domain/artifacts/linkerd-images.js';
import { wantedParts } from '../../src/domain/artifacts/missing.js';

/** ensureTools without a bundle, in a real bash, against the public layout of Linkerd's releases on a loopback port. */
const topology = twoClusters(meshMode);
const host = serverOf(topology.broker);
const CLI = '#!/bin/sh\necho edge-26.8.3\n';
const TOOL = '/usr/local/bin/linkerd';
const INVENTORY = '/var/lib/leafspan/files';
const release = (arch: string, version = 'edge-26.8.3'): string =>
  `/linkerd/linkerd2/releases/download/${version}/linkerd2-cli-${version}-linux-${arch}`;

let root: string;
let server: ReleaseServer;
let hosts: BashHosts;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-tools-'));
  for (const folder of ['/usr/local/bin', '/var/lib/leafspan']) mkdirSync(join(root, folder), { recursive: true });
  hosts = new BashHosts(root);
  server = new ReleaseServer();
  await server.start();
  publish(release('amd64'), CLI);
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const publish = (path: string, content: string): void =>
  void server.files.set(path, content).set(`${path}.sha256`, `${sha256Of(content)}\n`);
/** Paths in it as they are on a real host. */
const onHost = (path: string): string => readFileSync(join(root, path), 'utf8').replaceAll(root, '');
const ensureTools = (wanted = wantedParts(topology, linkerdImages('edge-26.8.3'))) =>
  attempt(fakePorts({ hosts }), 'ensureTools', { host, source: { from: 'releases', mirror: server.url }, wanted });

test('in mesh mode the host downloads the linkerd CLI, and it goes into the inventory', async () => {
  expect(await ensureTools()).toEqual({ changed: ['downloaded linkerd2-cli-edge-26.8.3-linux-amd64'] });
  expect(onHost(TOOL)).toBe(CLI);
  expect(statSync(join(root, TOOL)).mode & 0o777).toBe(0o755);
  expect(onHost(INVENTORY)).toBe(`${TOOL}\n`);
});

test('the second time the host asks for the checksum alone, and nothing changes', async () => {
  await ensureTools();
  server.asked.length = 0;
  expect(await ensureTools()).toEqual({ changed: [] });
  expect(server.asked).toEqual([`${release('amd64')}.sha256`]);
  expect(onHost(INVENTORY)).toBe(`${TOOL}\n`);
});

test('another version replaces a CLI that is ours', async () => {
  await ensureTools();
  publish(release('amd64', 'edge-26.9.1'), 'newer');
  const linkerd = 'edge-26.9.1';
  expect(await ensureTools({ ...wantedParts(topology, []), linkerd })).toEqual({
    changed: [`downloaded linkerd2-cli-${linkerd}-linux-amd64`],
  });
  expect(onHost(TOOL)).toBe('newer');
});

test('a host with the other architecture gets its own CLI', async () => {
  hosts.machine = 'aarch64';
  publish(release('arm64'), 'for arm64');
  expect(await ensureTools()).toEqual({ changed: ['downloaded linkerd2-cli-edge-26.8.3-linux-arm64'] });
  expect(onHost(TOOL)).toBe('for arm64');
});

test('a CLI that somebody else installed stays, and is not taken for ours', async () => {
  writeFileSync(join(root, TOOL), 'theirs');
  expect(await ensureTools()).toEqual({ changed: [] });
  expect(onHost(TOOL)).toBe('theirs');
  expect(readdirSync(join(root, '/var/lib/leafspan'))).toEqual([]);
  expect(server.asked).toEqual([]);
});

test('in direct mode the host is not even asked', async () => {
  expect(await ensureTools(wantedParts(topology, []))).toEqual({ changed: [] });
  expect(hosts.ran).toEqual([]);
});

test('a CLI whose download was cut is fetched by the next attempt, as ours', async () => {
  server.files.delete(release('amd64'));
  await failureOf(ensureTools());
  publish(release('amd64'), CLI);
  expect(await ensureTools()).toEqual({ changed: ['downloaded linkerd2-cli-edge-26.8.3-linux-amd64'] });
  expect(onHost(INVENTORY)).toBe(`${TOOL}\n`);
});

test.each<[fault: string, type: string, path: string, content: string | undefined, message: RegExp]>([
  ['a CLI of another checksum', 'ARTIFACT_CORRUPT', release('amd64'), 'damaged', /amd64 has not the checksum that/],
  ['no checksum', 'ARTIFACT_CORRUPT', `${release('amd64')}.sha256`, 'nonsense\n', /amd64\.sha256 has no checksum of/],
  ['no CLI', 'DOWNLOAD_FAILED', release('amd64'), undefined, /cannot be fetched: .*404/],
  ['no checksum file', 'DOWNLOAD_FAILED', `${release('amd64')}.sha256`, undefined, /cannot be fetched: .*404/],
])('a mirror with %s is told, and no CLI is put in place', async (_fault, type, path, content, message) => {
  server.files.delete(path);
  for (const present of [content].filter((some) => some !== undefined)) server.files.set(path, present);
  const failure = await failureOf(ensureTools());
  expect(failure).toMatchObject({ type });
  expect(failure.message).toMatch(message);
  expect(readdirSync(join(root, '/usr/local/bin'))).toEqual([]);
});
