import { messageOf } from '../../../contract/caught.js';
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

/** A refusal proves something only for a subscriber that is let in and may listen. */
export async function subscriberPublishes(door: Door): Promise<Attempt> {
  const { clock, work, scope } = door.site;
  const { subject } = scope.settings.nats;
  const entered = { is: false };
  try {
    return await withClient(door, 'subscriber', async (client) => {
      entered.is = true;
      void client.waitFor(subject, () => false, VIOLATION_MS).catch(() => undefined); // ends with the connection
      client.publish(subject, 'this must not arrive');
      await client.flush();
      const refusalOf = (verb: string): string | undefined => client.violations().find((told) => told.startsWith(verb));
      const deadline = clock.now() + VIOLATION_MS;
      while (refusalOf('publish') === undefined && clock.now() < deadline) await clock.sleep(20, work.signal);
      const [deaf, refusal] = [refusalOf('subscription'), refusalOf('publish')];
      if (deaf !== undefined) return { outcome: 'unknown', saw: `it may not listen either: ${deaf}` };
      return refusal === undefined ? ACCEPTED : { outcome: 'refused', saw: refusal };
    });
  } catch (error) {
    if (entered.is) throw error;
    return { outcome: 'unknown', saw: `it cannot log in: ${messageOf(error)}` };
  }
}

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
  const all = certificatesOf({ topology: '', broker: 'x', brokerAddresses: [], leaves: [], accounts: [] });
  const found = all.find((spec) => spec.name === name);
  if (found === undefined) throw new RangeError(`no certificate "${name}"`);
  return found.profile;
}
