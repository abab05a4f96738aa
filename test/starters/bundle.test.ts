import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { main } from '../../src/starters/main.js';
import { Cli } from '../support/cli/cli.js';
import { ReleaseServer, sha256Of } from '../support/servers/release-server.js';

let cli: Cli;
let folder: string;

/** A bundle for link mode direct, but for K3s's own images. */
const contents = { k3s: 'the K3s executable', 'install.sh': '#!/bin/sh\n', 'images/nats.tar': 'images' };

beforeEach(() => {
  cli = new Cli();
  folder = join(cli.folder, 'bundle');
  mkdirSync(join(folder, 'images'), { recursive: true });
  for (const [file, content] of Object.entries(contents)) writeFileSync(join(folder, file), content);
  writeManifest(manifest());
});

const artifact = (kind: string, file: keyof typeof contents, more: object = {}): object => ({
  ...{ kind, name: kind, version: 'v1.36.3+k3s1', arch: 'amd64', file },
  ...{ sha256: sha256Of(contents[file]), size: contents[file].length },
  ...more,
});

const NATS = ['docker.io/library/nats:2.15.2-alpine', 'docker.io/natsio/nats-box:0.19.7'];

const manifest = (): Record<string, unknown> & { artifacts: object[] } => ({
  apiVersion: 'leafspan/bundle/v1',
  name: 'test',
  artifacts: [
    artifact('k3s', 'k3s'),
    artifact('k3s-install', 'install.sh', { arch: 'any' }),
    artifact('images', 'images/nats.tar', { name: 'nats', version: '2.15.2', images: NATS }),
  ],
});

const writeManifest = (content: object): void => writeFileSync(join(folder, 'manifest.json'), JSON.stringify(content));

test('verify says that a bundle is complete, and what each link mode would miss', async () => {
  const { code, stdout, stderr } = await cli.run('bundle', 'verify', 'bundle');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replace(cli.folder, '')).toBe(
    [
      '✔ bundle "test" in /bundle: 3 artifacts, all match the manifest',
      'i amd64: missing for link mode direct on hosts without internet access:',
      "    K3s's own images",
      'i amd64: missing for link mode mesh on hosts without internet access:',
      "    K3s's own images",
      '    an artifact of kind "cli" with the name "linkerd"',
      '    the images of Linkerd',
      '    an artifact of kind "manifests" with the name "gateway-api"',
      'i amd64: missing for edge nginx on hosts without internet access:',
      '    image docker.io/nginx/nginx-ingress:5.5.4',
      '    an artifact of kind "manifests" with the name "nginx-ingress-crds"',
      '',
    ].join('\n'),
  );
});

test('verify reports every problem of manifest and files at once', async () => {
  const broken = manifest();
  Object.assign(broken.artifacts[0] ?? {}, { file: '../k3s' });
  writeManifest({ ...broken, colour: 'red' });
  writeFileSync(join(folder, 'install.sh'), '#!/bin/bash\n');
  writeFileSync(join(folder, 'images/nats.tar'), 'IMAGES');
  const { code, stdout, stderr } = await cli.run('bundle', 'verify', 'bundle');
  expect(code).toBe(1);
  expect(stdout.replaceAll(folder, '').replaceAll(/[0-9a-f]{64}/g, '…')).toBe(
    [
      '✖ /manifest.json: artifacts[0].file: must stay inside the bundle directory',
      '✖ /manifest.json: manifest: unrecognized key: "colour"',
      '✖ install.sh has 12 bytes instead of 10',
      '✖ images/nats.tar has SHA-256 … instead of …',
      '',
    ].join('\n'),
  );
  expect(stderr).toMatch(/is not a complete bundle\nhint: replace[^]*#bundle-invalid \(BUNDLE_INVALID\)/);
});

test('verify --json has the problems and what is missing as data', async () => {
  writeFileSync(join(folder, 'install.sh'), '');
  const { code, stdout } = await cli.run('bundle', 'verify', folder, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ directory: folder, name: 'test', artifacts: 3, problems: ['install.sh has 0 bytes instead of 10'] },
    missing: [
      { mode: 'direct', arch: 'amd64', parts: ["K3s's own images"] },
      { mode: 'mesh', arch: 'amd64', parts: expect.any(Array) },
      { mode: 'nginx', arch: 'amd64', parts: expect.any(Array) },
    ],
  });
});

test('list shows what is in a bundle', async () => {
  const { code, stdout } = await cli.run('bundle', 'list', 'bundle');
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'NAME         KIND         VERSION       ARCH   SIZE      IMAGES',
      'k3s          k3s          v1.36.3+k3s1  amd64  18 bytes',
      'k3s-install  k3s-install  v1.36.3+k3s1  any    10 bytes',
      'nats         images       2.15.2        amd64  6 bytes   docker.io/library/nats:2.15.2-alpine',
      '                                                         docker.io/natsio/nats-box:0.19.7',
      '',
    ].join('\n'),
  );
  expect(JSON.parse((await cli.run('bundle', 'list', 'bundle', '--json')).stdout)).toEqual(manifest());
});

test.each<[behaviour: string, argv: string[], stderr: RegExp]>([
  ['verify of a missing directory', ['verify', 'nowhere'], /nowhere is not a directory\nhint: correct/],
  ['list of a folder without a manifest', ['list', '.'], /manifest\.json does not exist[^]*\(BUNDLE_INVALID\)/],
  ['build without a folder', ['build'], /required option '-o, --out <dir>' not specified/],
  ['an architecture that is none', ['build', '--out', 'b', '--arch', 's390x'], /Allowed choices are amd64, arm64/],
  ['a release that is none', ['build', '--out', 'b', '--linkerd', 'stable'], /must look like edge-26\.8\.3/],
  ['a mirror that is no address', ['build', '--out', 'b', '--mirror', '/srv'], /must be an https URL without a user/],
  ['two architectures in one folder', ['build', '--out', 'bundle', '--arch', 'arm64'], /has a bundle for amd64\nhint:/],
])('%s is refused with exit code 2', async (_behaviour, argv, stderr) => {
  writeManifest({ ...manifest(), artifacts: [artifact('cli', 'k3s', { file: 'cli/helm' })] });
  const ran = await cli.run('bundle', ...argv);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(stderr);
});

const server = new ReleaseServer();
beforeEach(() => server.start());
afterEach(() => server.stop());

test('build names all that a mirror does not have', async () => {
  const { code, stdout, stderr } = await cli.run('bundle', 'build', '--out', 'new', '--mirror', server.url);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.match(/cannot be fetched: HTTP 404/g)).toHaveLength(7);
  expect(stderr).toMatch(/run the command again to continue\ndocs: [^]*\(DOWNLOAD_FAILED\)/);
});

test('Ctrl-C ends a build with exit code 130 and says how to continue', async () => {
  let stderr = '';
  const code = await main(['bundle', 'build', '--out', 'new', '--mirror', server.url], {
    stdout: { write: () => undefined },
    stderr: { write: (text) => (stderr += text) },
    ...{ env: { XDG_CACHE_HOME: cli.folder }, isTTY: false, cwd: cli.folder, home: cli.folder },
    onInterrupt: (interrupt) => {
      setImmediate(interrupt);
      return () => undefined;
    },
  });
  expect(code).toBe(130);
  expect(stderr).toBe('stopped; run the same command to continue\n');
});
