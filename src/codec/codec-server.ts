import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { messageOf } from '../contract/caught.js';

/** Who may ask; each request is looked at. */
interface Doors {
  /** Of the Web UI; no other page may ask. */
  origins: readonly string[];
  /** Whether the process at the other end of the connection is its owner's. */
  isOwn: (connection: { fromPort: number; toPort: number }) => boolean;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const LOOPBACK = '127.0.0.1';

/** As Temporal's Web UI asks: https://docs.temporal.io/production-deployment/data-encryption#codec-server-setup */
const WAYS = { '/decode': 'decode', '/encode': 'encode' } as const;

/** What the Web UI shows in clear goes through here. It listens on loopback only. */
export function serveCodec(codec: PayloadCodec, port: number, doors: Doors): Promise<Server> {
  const server = createServer((request, response) => {
    respond(codec, doors, request, response).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(messageOf(error));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve(server));
  });
}

async function respond(
  codec: PayloadCodec,
  { origins, isOwn }: Doors,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '', headers, socket } = request;
  const { origin, host } = headers;
  const refuse = (status: number, why: string): void =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(why);
  if (host !== `${LOOPBACK}:${socket.localPort ?? 0}`) return refuse(403, 'asked under another name');
  if (origin === undefined || !origins.includes(origin)) return refuse(403, 'only the Web UI may ask');
  if (!isOwn({ fromPort: socket.remotePort ?? 0, toPort: socket.localPort ?? 0 }))
    return refuse(403, 'only processes of the user whose runs these are may ask');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-headers', 'content-type, x-namespace, authorization');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('vary', 'origin');
  if (method === 'OPTIONS') return void response.writeHead(204).end();
  const way = Object.entries(WAYS).find(([path]) => path === url.replace(/\?.*/, ''))?.[1];
  if (method !== 'POST' || way === undefined) return refuse(404, 'there is only POST /decode and POST /encode');
  const payloads = payloadsOf(await bodyOf(request));
  const result = await codec[way](payloads);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ payloads: result.map(asJson) }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RangeError(`a request has at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Bytes = string;

/** As protobuf's JSON has it: bytes in base64. */
interface JsonPayload {
  metadata?: Record<string, Bytes>;
  data?: Bytes;
}

function payloadsOf(body: string): Payload[] {
  const { payloads } = JSON.parse(body) as { payloads?: JsonPayload[] };
  return (payloads ?? []).map(({ metadata = {}, data = '' }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
}

const asJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
