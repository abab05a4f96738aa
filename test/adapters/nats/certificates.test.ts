import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { NatsClientAccess } from '../../../src/adapters/nats-client/nats-client-access.js';
import { BROKER_TLS_NAME, natsUser } from '../../../src/domain/nats/names.js';
import {
  BROKER_SERVER,
  certificatesOf,
  clientOf,
  NATS_CA,
  type CertificateSpec,
} from '../../../src/domain/pki/profiles.js';
import type { KeyPair, NatsIdentity } from '../../../src/parts/ports.js';
import { sameCertificate } from '../../../src/parts/nats/reload/served.js';
import { startNatsServer, type TestNatsServer } from '../../support/servers/nats-server.js';
import { eventually } from '../../support/nats-system.js';

const CONFIG = `
tls { cert_file: server.crt, key_file: server.key, ca_file: ca.crt, verify_and_map: true }
authorization { users: [{ user: "${natsUser('probe')}" }] }
`;
const access = new NatsClientAccess();

let server: TestNatsServer;
let probe: NatsIdentity;
let [old, renewed]: KeyPair[] = [];
beforeAll(async () => {
  const mint = new PeculiarMint();
  const specs = certificatesOf({
    topology: 't',
    broker: 'hub',
    brokerAddresses: ['10.0.0.1'],
    leaves: [],
    accounts: [],
  });
  const profileOf = (name: string) => specs.find((spec) => spec.name === name)?.profile as CertificateSpec['profile'];
  const ca = await mint.selfSigned(profileOf(NATS_CA));
  const signed = (name: string): Promise<KeyPair> => mint.signedBy(ca, profileOf(name));
  [old, renewed] = [await signed(BROKER_SERVER), await signed(BROKER_SERVER)];
  probe = { ...(await signed(clientOf('probe'))), ca: ca.certificate };
  server = await startNatsServer(CONFIG, { ...filesOf(old), 'ca.crt': ca.certificate });
});
afterAll(() => server.stop());

const filesOf = (pair: KeyPair | undefined) => ({
  'server.crt': pair?.certificate ?? '',
  'server.key': pair?.privateKey ?? '',
});
const shows = async (pair: KeyPair | undefined): Promise<boolean> =>
  sameCertificate(await access.served(server.port, 3_000), pair?.certificate ?? '');

test('a reload brings a new certificate, and every connection and message stays', async () => {
  expect(await shows(old)).toBe(true);
  const target = { port: server.port, serverName: BROKER_TLS_NAME };
  const [sender, receiver] = await Promise.all([access.connect(target, probe), access.connect(target, probe)]);
  const heard: string[] = [];
  const all = receiver.waitFor('demo', (text) => heard.push(text) === 200, 10_000);
  await receiver.flush();
  for (let number = 1; number <= 100; number += 1) sender.publish('demo', String(number));
  server.reload(filesOf(renewed));
  await eventually(() => shows(renewed));
  for (let number = 101; number <= 200; number += 1) sender.publish('demo', String(number));
  expect(await all).toBe('200');
  expect(heard).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 1)));
  // Neither of them reconnects by itself.
  await Promise.all([sender.close(), receiver.close()]);
});
