import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  checksumListsScript,
  downloadScript,
  k3sDownloads,
  linkerdDownloads,
  parseChecksumLists,
  type Download,
} from '../../src/domain/artifacts/releases.js';

/** The public layout of K3s's releases on a loopback port, and a root of the host in a temporary folder. */
const release = '/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1';
const content = '#!/bin/sh\necho k3s\n';
const sum = createHash('sha256').update(content).digest('hex');

let root: string;
let server: Server;
let served: Map<string, string>;
let asked: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-download-'));
  asked = [];
  served = new Map([
    [`${release}/k3s`, content],
    [`${release}/sha256sum-amd64.txt`, `${'0'.repeat(64)}  k3s-images.txt\n${sum}  k3s\n`],
  ]);
  server = createServer((request, response) => {
    const found = served.get(request.url ?? '');
    asked.push(request.url ?? '');
    response.writeHead(found === undefined ? 404 : 200).end(found);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  rmSync(root, { recursive: true, force: true });
});

const mirror = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const belowRoot = ([first]: Download[]): Download => ({ ...(first as Download), path: join(root, first?.path ?? '') });
const binary = (): Download => belowRoot(k3sDownloads('v1.36.3+k3s1', 'amd64', mirror()));
const linkerd = (): Download => belowRoot(linkerdDownloads('edge-26.8.3', 'amd64', mirror()));

/** As the SSH adapter does it: by standard input, ending at the first failing command. */
const runBash = async (script: string): Promise<{ code: number; stdout: string }> => {
  const bash = spawn('bash', ['-s'], { stdio: ['pipe', 'pipe', 'ignore'] });
  bash.stdin.end(`set -e\n${script.replaceAll('/var/lib/leafspan', join(root, 'leafspan'))}`);
  const [stdout, [code]] = await Promise.all([text(bash.stdout), once(bash, 'close') as Promise<[number]>]);
  return { code, stdout };
};

test('puts a file of the right checksum in its place, with its mode', async () => {
  const file = binary();
  expect(await runBash(downloadScript(file))).toEqual({ code: 0, stdout: `new ${sum} ${file.path}\n` });
  expect(readFileSync(file.path, 'utf8')).toBe(content);
  expect(statSync(file.path).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(file.path, '..'))).toEqual(['k3s']);
});

test('downloads nothing the second time', async () => {
  const file = binary();
  await runBash(downloadScript(file));
  asked.length = 0;
  expect(await runBash(downloadScript(file))).toEqual({ code: 0, stdout: `same ${sum} ${file.path}\n` });
  expect(asked).toEqual([`${release}/sha256sum-amd64.txt`]);
});

test('gives a file its mode back without a download', async () => {
  const file = binary();
  await runBash(downloadScript(file));
  chmodSync(file.path, 0o600);
  asked.length = 0;
  await runBash(downloadScript(file));
  expect(statSync(file.path).mode & 0o777).toBe(0o755);
  expect(asked).toEqual([`${release}/sha256sum-amd64.txt`]);
});

test('reads the lists of checksums and fetches nothing else', async () => {
  const url = `${mirror()}k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt`;
  const { code, stdout } = await runBash(checksumListsScript([url, `${mirror()}gone`]));
  expect(code).toBe(0);
  expect(parseChecksumLists(stdout)).toEqual({
    lists: new Map([[url, served.get(`${release}/sha256sum-amd64.txt`)]]),
    refused: [`${mirror()}gone`],
    known: new Map(),
  });
  expect([...new Set(asked)]).toEqual([`${release}/sha256sum-amd64.txt`, '/gone']);
});

test('a list without end is not read', async () => {
  served.set('/endless', 'x'.repeat(100_000));
  expect((await runBash(checksumListsScript([`${mirror()}endless`]))).stdout).toBe('');
});

test('replaces a file that differs', async () => {
  const file = binary();
  await runBash(downloadScript(file));
  const newer = `${content}# newer\n`;
  served.set(`${release}/k3s`, newer);
  served.set(`${release}/sha256sum-amd64.txt`, `${createHash('sha256').update(newer).digest('hex')} *dist/k3s\n`);
  expect((await runBash(downloadScript(file))).stdout).toMatch(/^new /);
  expect(readFileSync(file.path, 'utf8')).toBe(newer);
});

test.each<[behaviour: string, code: number, path: string, body: string | undefined]>([
  ['a file of the wrong checksum', 41, `${release}/k3s`, 'damaged'],
  ['a checksum file without the line', 42, `${release}/sha256sum-amd64.txt`, `${sum}  k3s-arm64\n`],
  ['a checksum file that is not there', 45, `${release}/sha256sum-amd64.txt`, undefined],
  ['a file that is not there', 45, `${release}/k3s`, undefined],
])('tells %s with exit code %i and leaves nothing behind', async (_behaviour, code, path, body) => {
  const file = binary();
  served.delete(path);
  for (const present of [body].filter((some) => some !== undefined)) served.set(path, present);
  expect((await runBash(downloadScript(file))).code).toBe(code);
  expect(readdirSync(join(file.path, '..'))).toEqual([]);
});

const linkerdRelease = '/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64';

test.each<[behaviour: string, sums: string]>([
  ['a hash alone', `${sum}\n`],
  ['a hash alone without an end of line', sum],
  ['a hash and the name', `${sum}  linkerd2-cli-edge-26.8.3-linux-amd64\n`],
])('takes %s as the checksum of the linkerd CLI', async (_behaviour, sums) => {
  served.set(linkerdRelease, content).set(`${linkerdRelease}.sha256`, sums);
  const file = linkerd();
  expect(await runBash(downloadScript(file))).toEqual({ code: 0, stdout: `new ${sum} ${file.path}\n` });
  expect(file.path).toBe(join(root, '/usr/local/bin/linkerd'));
});

test.each<[behaviour: string, sums: string]>([
  ['the hash of another name', `${sum}  linkerd2-cli-edge-26.8.3-linux-arm64\n`],
  ['two hashes alone', `${sum}\n${sum}\n`],
  ['a word', 'nonsense\n'],
  ['nothing', ''],
])('takes %s as no checksum', async (_behaviour, sums) => {
  served.set(linkerdRelease, content).set(`${linkerdRelease}.sha256`, sums);
  expect((await runBash(downloadScript(linkerd()))).code).toBe(42);
});

test('a server that cannot be reached is no refusal', async () => {
  const file = { ...binary(), sums: { url: 'http://127.0.0.1:1/sums', name: 'k3s' } };
  expect((await runBash(downloadScript(file))).code).toBe(44);
  expect((await runBash(checksumListsScript([file.sums.url]))).stdout).toBe('');
});

test('the checksum of a download stays known while its publisher cannot be asked', async () => {
  const file = binary();
  await runBash(downloadScript(file));
  const { stdout } = await runBash(checksumListsScript(['http://127.0.0.1:1/sums']));
  expect(parseChecksumLists(stdout)).toEqual({ lists: new Map(), refused: [], known: new Map([[file.url, sum]]) });
});
