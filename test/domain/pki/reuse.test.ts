import { expect, test } from '@jest/globals';
import { certificatesOf } from '../../../src/domain/pki/profiles.js';
import { planCertificate, type CertificateFacts } from '../../../src/domain/pki/reuse.js';
import { natsUser } from '../../../src/domain/nats/names.js';

const DAY_MS = 86_400_000;
const now = Date.UTC(2026, 10, 24);
const moment = { now, renewBeforeDays: 60 };
const specs = certificatesOf({
  topology: 'plant-7',
  broker: 'cluster-a',
  brokerAddresses: ['203.0.113.10'],
  leaves: ['cluster-b', 'cluster-c'],
  accounts: [],
});
const named = (name: string) => {
  const found = specs.find((spec) => spec.name === name);
  if (found === undefined) throw new Error(`no certificate ${name}`);
  return found;
};
const server = named('nats/broker/server');
const root = named('nats/ca');
const good = (spec: typeof server): CertificateFacts => ({
  commonName: spec.profile.commonName,
  isCa: spec.profile.ca !== undefined,
  dns: spec.profile.dns,
  ips: spec.profile.ips,
  keyUsage: [spec.profile.ca === undefined ? 'digitalSignature' : 'keyCertSign'],
  usages: spec.profile.usages,
  notBefore: now - DAY_MS,
  notAfter: now + 300 * DAY_MS,
  signerNotAfter: now + 3_000 * DAY_MS,
  keyMatches: true,
  signedBySigner: true,
});

test('a leaf whose key pair was stolen gets another one, under another user', () => {
  const [before, now2] = [undefined, { 'cluster-b': 2 }].map((leafKeys) =>
    certificatesOf({
      topology: 't',
      broker: 'a',
      brokerAddresses: [],
      leaves: ['cluster-b'],
      accounts: [],
      leafKeys,
    }).find(({ name }) => name === 'nats/clients/leaf-cluster-b'),
  );
  if (before === undefined || now2 === undefined) throw new Error('no certificate of the leaf');
  expect(now2.profile.dns).toEqual([natsUser('2.leaf-cluster-b')]);
  expect(planCertificate(now2, good(before), moment)).toEqual({
    kind: 'issue',
    because: 'it does not carry 2.leaf-cluster-b.nats.local',
  });
});

test.each<[behaviour: string, seen: Partial<CertificateFacts>, because: RegExp]>([
  ['an end in the past', { notAfter: now - DAY_MS }, /expired on 2026-11-23/],
  ['a start in the future', { notBefore: now + DAY_MS }, /not valid before 2026-11-25/],
  ['another extended key usage', { usages: ['clientAuth'] }, /may not be used for serverAuth/],
  ['another key usage', { keyUsage: ['keyCertSign'] }, /may not be used for digitalSignature/],
  ['a key of another certificate', { keyMatches: false }, /private key/],
  ['another signer', { signedBySigner: false }, /current CA/],
  ['a missing name', { dns: ['localhost'] }, /does not carry nats-broker,/],
  ['a missing address', { ips: ['127.0.0.1'] }, /does not carry 203.0.113.10/],
  ['CA rights', { isCa: true }, /is a CA/],
])('issues a server certificate anew for %s', (_behaviour, seen, because) => {
  expect(planCertificate(server, { ...good(server), ...seen }, moment)).toEqual({
    kind: 'issue',
    because: expect.stringMatching(because) as unknown as string,
  });
});

const issuer = named('linkerd/issuer-cluster-b');
const withDays = (spec: typeof server, daysLeft: number, more: Partial<CertificateFacts> = {}) =>
  planCertificate(spec, { ...good(spec), notAfter: now + (daysLeft + 0.5) * DAY_MS, ...more }, moment);

test.each([
  ['a server certificate', server],
  ['an issuer', issuer],
])('renews %s 60 days before its end, and not earlier', (_what, spec) => {
  expect(withDays(spec, 59)).toEqual({ kind: 'issue', because: 'it expires in 59 days', due: true });
  expect(withDays(spec, 60)).toEqual({ kind: 'reuse' });
});

test.each<[left: number, of: number, kind: string]>([
  [20, 20, 'reuse'],
  [20, 21, 'issue'],
  [20, 400, 'issue'],
])(
  'with %i days left under a CA that has %i, it says: %s, since only what gains time is worth it',
  (left, of, kind) => {
    expect(withDays(server, left, { signerNotAfter: now + (of + 0.5) * DAY_MS })).toMatchObject({ kind });
  },
);

test.each([
  [364, 'reuse'],
  [363, 'issue'],
])(
  'a renewal of everything leaves a certificate with %i days left of 365: %s, so that it comes to an end',
  (left, kind) => {
    const seen = { ...good(server), notAfter: now + (left + 0.5) * DAY_MS };
    expect(planCertificate(server, seen, { now, renewBeforeDays: 36_500 })).toMatchObject({ kind });
  },
);

test('a root is kept until its last day', () => {
  expect(withDays(root, 0)).toEqual({ kind: 'reuse' });
});

test.each<[what: string, spec: typeof server, seen: Partial<CertificateFacts>, because: string]>([
  [
    'an issuer that may not sign',
    issuer,
    { keyUsage: ['digitalSignature'] },
    'its key may not be used for keyCertSign',
  ],
  ['a root that is too short', named('linkerd/trust-anchor'), { pathLength: 0 }, 'its path length is 0 instead of 1'],
])('%s does not fit', (_what, spec, seen, because) => {
  expect(planCertificate(spec, { ...good(spec), ...seen }, moment)).toMatchObject({ because });
});

test('a CA of another tool may leave out what it does not limit', () => {
  const { commonName, isCa, dns, ips, notBefore, notAfter, signerNotAfter } = good(root);
  const unlimited = { commonName, isCa, dns, ips, notBefore, notAfter, signerNotAfter };
  const seen = { ...unlimited, keyMatches: true, signedBySigner: true };
  expect(planCertificate(root, seen, moment)).toEqual({ kind: 'reuse' });
});

test('reuses what fits', () => {
  expect(specs.map((spec) => planCertificate(spec, good(spec), moment).kind)).toEqual(specs.map(() => 'reuse'));
});

test('issues anew what cannot be read', () => {
  expect(planCertificate(server, 'unreadable', moment)).toEqual({
    kind: 'issue',
    because: 'its file holds no certificate',
  });
});

test('issues what is not there', () => {
  expect(planCertificate(root, undefined, moment)).toEqual({ kind: 'issue', because: 'there is none' });
});

test('never replaces a root', () => {
  expect(planCertificate(root, 'unreadable', moment)).toMatchObject({ kind: 'refuse' });
  expect(planCertificate(root, { ...good(root), notAfter: now - DAY_MS }, moment)).toMatchObject({ kind: 'refuse' });
});

test('keeps a NATS CA that has a name of its own, and no other certificate with another name', () => {
  const names = specs.filter(
    (spec) => planCertificate(spec, { ...good(spec), commonName: 'Corp CA' }, moment).kind === 'reuse',
  );
  expect(names.map(({ name }) => name)).toEqual(['nats/ca']);
});

test('maps no two client certificates to one user', () => {
  const users = specs.filter((spec) => spec.profile.usages.includes('clientAuth')).flatMap((spec) => spec.profile.dns);
  expect(new Set(users).size).toBe(users.length);
  expect(users).toContain(natsUser('leaf-cluster-c'));
});

test('lists every signer before what it signs', () => {
  const names = specs.map((spec) => spec.name);
  expect(
    specs.every((spec) => spec.signer === undefined || names.indexOf(spec.signer) < names.indexOf(spec.name)),
  ).toBe(true);
});

test("carries the mirror's names for the mesh", () => {
  expect(server.profile.dns).toContain('nats-broker-cluster-a.nats-system.svc.cluster.local');
});
