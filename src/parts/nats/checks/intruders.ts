import { certificatesOf, clientOf, NATS_CA, type CertificateProfile } from '../../../domain/pki/profiles.js';
import { readMaterial } from '../../pki/material.js';
import type { KeyPair } from '../../ports.js';
import type { Site } from '../../site.js';
import { linkDoor, through, withClient, type Door } from '../clients.js';
import type { Attempt } from './attempt.js';

const PLAINTEXT_MS = 1_500;
const VIOLATION_MS = 2_000;
const LEAF_MS = 5_000;
const ACCEPTED: Attempt = { outcome: 'accepted', latencyMs: 0 };

export const withoutCertificate = (door: Door): Promise<Attempt> =>
  through(door, async (target) => {
    const { ca } = await readMaterial(door.site, clientOf('probe'));
    await (await door.site.ports.nats.connect(target, { ca })).close();
    return ACCEPTED;
  });

/** With a certificate of the right name under an untrusted CA, made for this one attempt. */
export const ofAnotherCa = (door: Door): Promise<Attempt> =>
  through(door, async (target) => {
    const { ca } = await readMaterial(door.site, clientOf('probe'));
    const identity = { ...(await untrusted(door.site)), ca };
    await (await door.site.ports.nats.connect(target, identity)).close();
    return ACCEPTED;
  });

export const subscriberPublishes = (door: Door): Promise<Attempt> =>
  withClient(door, 'subscriber', async (client) => {
    const { clock, work, scope } = door.site;
    client.publish(scope.settings.nats.subject, 'this must not arrive');
    await client.flush();
    const deadline = clock.now() + VIOLATION_MS;
    while (client.violations().length === 0 && clock.now() < deadline) await clock.sleep(20, work.signal);
    const [violation] = client.violations();
    return violation === undefined ? ACCEPTED : { outcome: 'refused', saw: violation };
  });

export const inPlaintext = (door: Door): Promise<Attempt> =>
  through(door, async ({ port }) => {
    const heard = await door.site.ports.nats.plaintext(port, PLAINTEXT_MS);
    if (heard.includes('PONG')) return ACCEPTED;
    return heard.includes('"tls_required":true')
      ? { outcome: 'refused', saw: 'it asks for TLS and sends nothing more' }
      : { outcome: 'unknown', saw: heard === '' ? 'nothing came back' : heard.slice(0, 80) };
  });

/** A certificate that opens a client connection asks for a leaf link. */
export const publisherAsLeaf = ({ site }: Door): Promise<Attempt> =>
  through(linkDoor(site), async (target) => {
    const identity = await readMaterial(site, clientOf('publisher'));
    const heard = await site.ports.nats.leafLink(target, identity, LEAF_MS);
    const refusal = /^-ERR '?(.*?)'?\r?$/m.exec(heard)?.[1];
    if (refusal !== undefined) return { outcome: 'refused', saw: refusal };
    return heard.includes('PONG')
      ? ACCEPTED
      : { outcome: 'unknown', saw: heard === '' ? 'the connection was closed without a response' : heard.slice(0, 80) };
  });

async function untrusted({ ports: { mint } }: Site): Promise<KeyPair> {
  const ca = await mint.selfSigned(profileOf(NATS_CA));
  return mint.signedBy(ca, profileOf(clientOf('probe')));
}

function profileOf(name: string): CertificateProfile {
  const all = certificatesOf({ topology: '', broker: 'x', brokerAddresses: [], leaves: [] });
  const found = all.find((spec) => spec.name === name);
  if (found === undefined) throw new RangeError(`no certificate "${name}"`);
  return found.profile;
}
