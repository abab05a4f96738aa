import { once } from 'node:events';
import type { Server } from 'node:http';
import { createConnection } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { serveCodec } from '../../src/codec/codec-server.js';
import { HistoryKeys } from '../../src/codec/history-keys.js';
import { userAt } from '../../src/codec/loopback-peer.js';
import { SealedPayloads } from '../../src/codec/sealed-payloads.js';
import { freePort } from '../support/servers/loopback.js';

const UI = 'http://127.0.0.1:8233';
const stateDir = mkdtempSync(join(tmpdir(), 'leafspan-codec-'));
const doors = { origins: [UI], isOwn: true };
let codec: SealedPayloads;
let server: Server;
let port: number;
beforeAll(async () => {
  codec = new SealedPayloads(await HistoryKeys.open(stateDir));
  port = await freePort();
  server = await serveCodec(codec, port, { origins: doors.origins, isOwn: () => doors.isOwn });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(stateDir, { recursive: true });
});

const ask = (path: string, body: string, headers: Record<string, string> = { origin: UI }, method = 'POST') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(method === 'POST' ? { body } : {}) });

/** What the Web UI sends: protobuf as JSON. */
const asked = async (value: unknown): Promise<string> => {
  const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(value)]);
  const { metadata, data } = sealed ?? {};
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const names = Object.entries<Uint8Array>(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)] as const);
  return JSON.stringify({ payloads: [{ metadata: Object.fromEntries(names), data: base64(data ?? Buffer.alloc(0)) }] });
};

test('the Web UI gets in clear what was encrypted', async () => {
  const response = await ask('/decode?preserveStorageRefs=true', await asked({ host: 'vm-a' }));
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, UI]);
  const { payloads } = (await response.json()) as { payloads: { data: string }[] };
  expect(payloads.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual(['{"host":"vm-a"}']);
});

test('a browser may ask for the Web UI first whether it may ask', async () => {
  const { status, headers } = await ask('/decode', '', { origin: UI }, 'OPTIONS');
  expect([status, headers.get('access-control-allow-methods')]).toEqual([204, 'POST, OPTIONS']);
});

test.each([
  ['another page in the same browser', { origin: 'http://127.0.0.1:9999' }, 'only the Web UI may ask'],
  ['a page from elsewhere', { origin: 'https://evil.example' }, 'only the Web UI may ask'],
  ['a program that says nothing', {}, 'only the Web UI may ask'],
])('%s is refused', async (_who, headers, why) => {
  const response = await ask('/decode', await asked('x'), headers);
  expect([response.status, await response.text()]).toEqual([403, why]);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('a name that leads to the loopback address is refused', async () => {
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.end(`POST /decode HTTP/1.1\r\nHost: evil.example:${port}\r\nOrigin: ${UI}\r\nContent-Length: 0\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
  socket.destroy();
});

test('another user of the machine is refused', async () => {
  doors.isOwn = false;
  const response = await ask('/decode', await asked('x'));
  doors.isOwn = true;
  expect([response.status, await response.text()]).toEqual([
    403,
    'only processes of the user whose runs these are may ask',
  ]);
});

test('the kernel tells whose a connection is', async () => {
  const socket = createConnection({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  expect(userAt({ fromPort: socket.localPort ?? 0, toPort: port })).toBe(process.getuid?.());
  expect(userAt({ fromPort: 1, toPort: port })).toBeUndefined();
  socket.destroy();
});

test('of a connection of another user it tells that one', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:8B0C 0100007F:2029 01 00000000:00000000 00:00000000 00000000  1001        0 4711 1
   1: 0100007F:2029 0100007F:8B0C 01 00000000:00000000 00:00000000 00000000     0        0 4712 1`;
  expect(userAt({ fromPort: 0x8b0c, toPort: 0x2029 }, table)).toBe(1001);
});

test.each([
  ['/', '{}'],
  ['/decode', 'no json'],
  ['/decode', 'null'],
  ['/decode', '{"payloads":{}}'],
])('POST %s with %j is refused, and the next one gets its answer', async (path, body) => {
  expect((await ask(path, body)).status).toBeGreaterThanOrEqual(400);
  expect((await ask('/decode', await asked('x'))).status).toBe(200);
});
