import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gatewayApiDownloads, printPinnedScript, type PinnedDownload } from '../../src/domain/artifacts/releases.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { BashHosts } from '../support/fakes/bash-hosts.js';
import { FakeHosts } from '../support/fakes/hosts.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { ReleaseServer, sha256Of } from '../support/release-server.js';
import { twoClusters } from '../support/topologies.js';

/** The CRDs of the Gateway API without a bundle: fetched in a real bash from their public layout on a loopback port. */
const host = serverOf(twoClusters().broker);
const crd = (plural: string): string => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.gateway.networking.k8s.io
`;
const FOLDER = '/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard';
const FILE = `${FOLDER}/gateway.networking.k8s.io_httproutes.yaml`;

let root: string;
let server: ReleaseServer;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-crds-'));
  server = new ReleaseServer();
  await server.start();
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

/** Publishes a file, and answers its pin. */
const published = (path: string, content: string): PinnedDownload => {
  server.files.set(path, content);
  return { url: server.url + path, sha256: sha256Of(content) };
};
const print = (...files: PinnedDownload[]) =>
  new BashHosts(root).run(host, printPinnedScript(files), {
    signal: new AbortController().signal,
    okCodes: [41, 43, 44],
  });

test('the files are printed as documents of one text, in their order', async () => {
  const files = [published('/a.yaml', 'kind: A\n'), published('/b.yaml', 'kind: B\n')];
  expect(await print(...files)).toEqual({ code: 0, stdout: '---\nkind: A\n---\nkind: B\n', stderr: '' });
});

test.each([0, 1])('file %i of two is printed only with its checksum', async (at) => {
  const files = [published('/a.yaml', 'kind: A\n'), published('/b.yaml', 'kind: B\n')];
  server.files.set(['/a.yaml', '/b.yaml'][at] ?? '', 'kind: Other\n');
  const { code, stdout, stderr } = await print(...files);
  expect([code, stderr]).toEqual([41, `${files[at]?.url ?? ''}\n`]);
  expect(stdout).not.toContain('Other');
});

test('a file that is not there ends the script before the next one', async () => {
  const { code, stderr } = await print({ url: `${server.url}/none`, sha256: '' }, published('/b.yaml', 'kind: B\n'));
  expect([code, stderr.trim().split('\n').at(-1)]).toEqual([44, `${server.url}/none`]);
  expect(server.asked).toEqual(['/none']);
});

const ensureGatewayApi = (ports: FakePorts) =>
  attempt(ports, 'ensureGatewayApi', { host, source: { from: 'releases', mirror: server.url } });

test('every file of the standard channel has a pin of its own', () => {
  const files = gatewayApiDownloads(server.url);
  expect(files.map(({ url }) => url)).toContain(server.url + FILE);
  expect(files.filter(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256))).toEqual([]);
  expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(files.length);
  expect(new Set(files.map(({ url }) => url)).size).toBe(files.length);
});

test('what the host has fetched is applied, and the second time it fetches nothing', async () => {
  const hosts = new FakeHosts().on(
    printPinnedScript(gatewayApiDownloads(server.url)),
    crd('httproutes') + crd('gateways'),
  );
  const ports = fakePorts({ hosts });
  expect(await ensureGatewayApi(ports)).toEqual({
    changed: [
      'applied CustomResourceDefinition/gateways.gateway.networking.k8s.io on cluster-a',
      'applied CustomResourceDefinition/httproutes.gateway.networking.k8s.io on cluster-a',
    ],
  });
  expect(await ensureGatewayApi(ports)).toEqual({ changed: [] });
  expect(hosts.ran).toHaveLength(1);
});

test('a file that is not the pinned one is told by its URL, and nothing is applied', async () => {
  const [first] = gatewayApiDownloads('');
  server.files.set(first?.url ?? '', crd('backendtlspolicies'));
  const ports = fakePorts({ hosts: new BashHosts(root) });
  expect(await failureOf(ensureGatewayApi(ports))).toMatchObject({
    type: 'ARTIFACT_CORRUPT',
    nonRetryable: true,
    message: `vm-a: ${server.url}${first?.url ?? ''} has not the checksum of its release`,
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('a file that is not there is told by its URL, and nothing is applied', async () => {
  const ports = fakePorts({ hosts: new BashHosts(root) });
  const [first] = gatewayApiDownloads(server.url);
  expect(await failureOf(ensureGatewayApi(ports))).toMatchObject({
    type: 'DOWNLOAD_FAILED',
    nonRetryable: false,
    message: `vm-a: ${first?.url ?? ''} cannot be fetched`,
  });
  expect(ports.kubernetes.changes).toEqual([]);
});
