import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { NatsClientAccess } from '../../../src/adapters/nats-client/nats-client-access.js';
import { MONITOR_NAME } from '../../../src/domain/nats/names.js';
import { certificatesOf, MONITOR_SERVER, NATS_CA, type CertificateProfile } from '../../../src/domain/pki/profiles.js';

const SPEC = { topology: 't', broker: 'hub', brokerAddresses: ['10.0.0.1'], leaves: [], accounts: [] };
const profileOf = (name: string): CertificateProfile => {
  const found = certificatesOf({ ...SPEC, monitoring: true }).find((spec) => spec.name === name);
  if (found === undefined) throw new Error(`no certificate ${name}`);
  return found.profile;
};
const access = new NatsClientAccess();

let server: Server;
let port: number;
let ca: string;
let stranger: string;

beforeAll(async () => {
  const mint = new PeculiarMint();
  const root = await mint.selfSigned(profileOf(NATS_CA));
  const { certificate: cert, privateKey: key } = await mint.signedBy(root, profileOf(MONITOR_SERVER));
  ca = root.certificate;
  stranger = (await mint.selfSigned(profileOf(NATS_CA))).certificate;
  server = createServer({ cert, key }, (request, response) => {
    if (request.url === '/silence') return;
    response.writeHead(request.url === '/varz' ? 200 : 403).end('x'.repeat(1_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, of = ca, serverName = MONITOR_NAME, patienceMs = 30_000): Promise<number> =>
  access.monitor({ port, serverName }, { path, ca: of }, patienceMs);

test.each([
  ['/varz', 200],
  ['/connz', 403],
])('the status of %s is %i', async (path, status) => {
  expect(await ask(path)).toBe(status);
});

test('a certificate of another CA, or of another name, is not trusted', async () => {
  await expect(ask('/varz', stranger)).rejects.toThrow(/certificate/);
  await expect(ask('/varz', ca, 'elsewhere')).rejects.toThrow(/altnames/);
});

test('who says nothing is not waited for without end', async () => {
  await expect(ask('/silence', ca, MONITOR_NAME, 500)).rejects.toThrow(/abort/);
});
