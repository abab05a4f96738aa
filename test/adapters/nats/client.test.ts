import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NatsIdentity } from '../../../src/parts/ports.js';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { NatsClientAccess } from '../../../src/adapters/nats-client/nats-client-access.js';
import {
  BROKER_SERVER,
  certificatesOf,
  clientOf,
  NATS_CA,
  type CertificateSpec,
} from '../../../src/domain/pki/profiles.js';
import { startNatsServer, type TestNatsServer } from '../../support/servers/nats-server.js';
import { freePort } from '../../support/servers/loopback.js';
import { BROKER_TLS_NAME, leafRole, natsUser } from '../../../src/domain/nats/names.js';

const access = new NatsClientAccess();
let server: TestNatsServer;
let probe: NatsIdentity;
/** PEM of the server's certificate. */
let shown: string;
let stranger: NatsIdentity;

let leafPort: number;
let edge: NatsIdentity;
const config = (): string => `
leafnodes { listen: "127.0.0.1:${leafPort}", tls { cert_file: server.crt, key_file: server.key, ca_file: ca.crt, verify_and_map: true } }
tls { cert_file: server.crt, key_file: server.key, ca_file: ca.crt, verify_and_map: true }
authorization { users: [
  { user: "${natsUser(leafRole('edge'))}", allowed_connection_types: ["LEAFNODE"] }
  { user: "${natsUser('probe')}", allowed_connection_types: ["STANDARD"], permissions: { publish: ["demo.>"], subscribe: ["demo.>", "_INBOX.>"] } }
] }
`;

beforeAll(async () => {
  const mint = new PeculiarMint();
  const specs = certificatesOf({
    topology: 't',
    broker: 'hub',
    brokerAddresses: ['10.0.0.1'],
    leaves: ['edge'],
    accounts: [],
  });
  const profileOf = (name: string) => specs.find((spec) => spec.name === name)?.profile as CertificateSpec['profile'];
  const ca = await mint.selfSigned(profileOf(NATS_CA));
  const broker = await mint.signedBy(ca, profileOf(BROKER_SERVER));
  shown = broker.certificate;
  probe = { ...(await mint.signedBy(ca, profileOf(clientOf('probe')))), ca: ca.certificate };
  stranger = { ...(await mint.selfSigned(profileOf(clientOf('probe')))), ca: ca.certificate };
  edge = { ...(await mint.signedBy(ca, profileOf(clientOf(leafRole('edge'))))), ca: ca.certificate };
  leafPort = await freePort();
  server = await startNatsServer(config(), {
    'server.crt': broker.certificate,
    'server.key': broker.privateKey,
    'ca.crt': ca.certificate,
  });
});

afterAll(() => server.stop());

const target = (serverName = BROKER_TLS_NAME) => ({ port: server.port, serverName });

test('a message makes the round trip', async () => {
  const connection = await access.connect(target(), probe);
  const got = connection.waitFor('demo.a', (text) => text === 'second', 2_000);
  await connection.flush();
  for (const text of ['first', 'second', 'third']) connection.publish('demo.a', text);
  await connection.flush();
  expect(await got).toBe('second');
  expect(connection.violations()).toEqual([]);
  await connection.close();
});

test('waiting ends at the deadline', async () => {
  const connection = await access.connect(target(), probe);
  expect(await connection.waitFor('demo.b', () => true, 200)).toBeUndefined();
  await connection.close();
});

test('what a user may not do is told', async () => {
  const connection = await access.connect(target(), probe);
  connection.publish('other.a', 'x');
  await connection.flush();
  expect(await connection.waitFor('other.b', () => true, 1_000)).toBeUndefined();
  expect(connection.violations()).toEqual(['publish other.a', 'subscription other.b']);
  await connection.close();
});

test.each<[who: string, identity: () => NatsIdentity | { ca: string }, serverName: string, error: RegExp]>([
  [
    'without a certificate',
    () => ({ ca: probe.ca }),
    BROKER_TLS_NAME,
    /CERTIFICATE_REQUIRED|ECONNRESET|certificate required/i,
  ],
  [
    'with a certificate of somebody else',
    () => stranger,
    BROKER_TLS_NAME,
    /UNKNOWN_CA|ECONNRESET|bad.certificate|unknown ca/i,
  ],
  ['to a server of another name', () => probe, 'other.example', /altnames|ALTNAME/i],
  [
    'to a server of another CA',
    () => ({ ...probe, ca: stranger.certificate }),
    BROKER_TLS_NAME,
    /UNABLE_TO|unable to|self.signed/i,
  ],
])('a connection %s is refused', async (_who, identity, serverName, error) => {
  await expect(access.connect(target(serverName), identity())).rejects.toThrow(error);
});

test('without TLS the server says that it wants TLS, and nothing more', async () => {
  const answer = await access.plaintext(server.port, 3_000);
  expect(answer).toMatch(/^INFO .*"tls_required":true/);
  expect(answer).not.toContain('PONG');
});

test("a leaf link opens for a leaf's certificate and for no other", async () => {
  const leafTarget = { port: leafPort, serverName: BROKER_TLS_NAME };
  expect(await access.leafLink(leafTarget, edge, 5_000)).toMatch(/^PONG\r$/m);
  expect(await access.leafLink(leafTarget, probe, 5_000)).toMatch(/^-ERR 'Authorization Violation'\r$/m);
  await expect(access.leafLink(leafTarget, stranger, 5_000)).rejects.toThrow(/unknown.ca|bad.certificate/i);
});

test('a leaf link asked for where nobody listens is an error', async () => {
  const closed = { port: await freePort(), serverName: BROKER_TLS_NAME };
  await expect(access.leafLink(closed, edge, 1_000)).rejects.toThrow('ECONNREFUSED');
});

test.each([
  ['clients', () => server.port],
  ['leaf nodes', () => leafPort],
])('the port for %s shows its certificate, without one of ours', async (_whose, port) => {
  const seen = new X509Certificate(await access.served(port(), 3_000));
  expect(seen.fingerprint256).toBe(new X509Certificate(shown).fingerprint256);
});

test('a port where nobody listens is an error', async () => {
  await expect(access.served(await freePort(), 1_000)).rejects.toThrow('ECONNREFUSED');
  await expect(access.plaintext(await freePort(), 1_000)).rejects.toThrow('ECONNREFUSED');
});
