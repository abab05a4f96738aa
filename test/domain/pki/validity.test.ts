import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { notAfterIn } from '../../../src/domain/pki/validity.js';

const PROFILE = { commonName: 'a server', usages: ['serverAuth' as const], dns: ['a.example'], ips: ['192.0.2.1'] };
const made = async (year: number, days: number): Promise<string> =>
  (await new PeculiarMint(() => Date.UTC(year, 1, 28, 23, 59, 58)).selfSigned({ ...PROFILE, days })).certificate;

test.each([
  [2026, 365],
  [2027, 1], // ends on a leap year's side
  [2049, 400], // its end has four digits of the year
  [1999, 20],
])('of a certificate of %i for %i days it says what Node says', async (year, days) => {
  const pem = await made(year, days);
  const { validTo } = new X509Certificate(pem);
  expect(notAfterIn(pem)).toBe(Date.parse(validTo));
  expect(notAfterIn(`# a comment\n${pem}${await made(2000, 1)}`)).toBe(Date.parse(validTo));
});

test.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'])(
  'of what is none it says nothing: %j',
  (text) => {
    expect(notAfterIn(text)).toBeUndefined();
  },
);

test('of a certificate that was cut off anywhere it says its end or nothing', async () => {
  const pem = await made(2026, 365);
  const body = pem.split('\n').slice(1, -2).join('');
  const end = Date.parse(new X509Certificate(pem).validTo);
  const seen = Array.from({ length: body.length }, (_, length) =>
    notAfterIn(`-----BEGIN CERTIFICATE-----\n${body.slice(0, length)}\n-----END CERTIFICATE-----`),
  );
  expect(seen.filter((one) => one !== undefined && one !== end)).toEqual([]);
});
