import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { k3sCertificatesScript, parseCertificates, whyRenew } from '../../../src/domain/k3s/certificates.js';

const DAY_MS = 86_400_000;
const now = Date.UTC(2027, 10, 1);
const certificate = (daysLeft: number, name = 'client-admin.crt', isCa = false) => ({
  name: `/var/lib/rancher/k3s/server/tls/${name}`,
  isCa,
  notAfter: now + (daysLeft + 0.5) * DAY_MS,
});
const age = (daysAgo: number) => ({ startedAt: startedDaysAgo(daysAgo), now, renewBeforeDays: 60 });
const startedDaysAgo = (days: number): number => now - days * DAY_MS;

test.each<[daysLeft: number, why: string | undefined]>([
  [60, undefined],
  [59, 'its client-admin.crt expires in 59 days'],
  [-1, 'its client-admin.crt has expired, which a start renews'],
])('a K3s that has run for 300 days, with %i days left: %s', (daysLeft, why) => {
  expect(whyRenew([certificate(daysLeft)], age(300))).toBe(why);
});

test.each([
  [89, 'its client-admin.crt expires in 89 days'],
  [90, undefined],
])('a wider window gains nothing before K3s itself would renew at its start: with %i days left %s', (daysLeft, why) => {
  expect(whyRenew([certificate(daysLeft)], { ...age(300), renewBeforeDays: 36_500 })).toBe(why);
});

test('of several certificates the first one to end is named', () => {
  const all = [certificate(200), certificate(40, 'serving-kubelet.crt'), certificate(50)];
  expect(whyRenew(all, age(300))).toBe('its serving-kubelet.crt expires in 40 days');
});

test.each([
  ['a start did not renew it, so another one will not either', [certificate(20)], startedDaysAgo(10)],
  ['it is a CA, which a start keeps', [certificate(20, 'server-ca.crt', true)], startedDaysAgo(3_600)],
  ['nothing runs', [certificate(20)], Infinity],
  ['there is none', [], startedDaysAgo(300)],
])('K3s is not restarted where %s', (_why, all, startedAt) => {
  expect(whyRenew(all, { ...age(0), startedAt })).toBeUndefined();
});

const PEM = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-k3s-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const onHost = (files: Record<string, string>): string => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const moved = k3sCertificatesScript.replaceAll('/var/lib', `${root}/var/lib`);
  return spawnSync('bash', ['-c', moved], { encoding: 'utf8' }).stdout.replaceAll(root, '');
};

test('of each file its first certificate is printed, and no key', () => {
  const printed = onHost({
    'var/lib/rancher/k3s/server/tls/client-admin.crt': `${PEM('QQ==')}\n${PEM('ca')}\n`,
    'var/lib/rancher/k3s/server/tls/client-admin.key': 'a key',
    'var/lib/rancher/k3s/server/tls/odd.crt': `-----BEGIN EC PRIVATE KEY-----\nkey\n${PEM('Qg+/')}\n`,
    'var/lib/rancher/k3s/agent/serving-kubelet.crt': `${PEM('Qw==')}\n`,
  });
  expect(printed).not.toContain('key\n');
  expect(parseCertificates(printed)).toEqual([
    { name: '/var/lib/rancher/k3s/server/tls/client-admin.crt', pem: PEM('QQ==') },
    { name: '/var/lib/rancher/k3s/server/tls/odd.crt', pem: PEM('Qg+/') },
    { name: '/var/lib/rancher/k3s/agent/serving-kubelet.crt', pem: PEM('Qw==') },
  ]);
});

test('on a host without K3s nothing is printed', () => {
  expect(parseCertificates(onHost({}))).toEqual([]);
});
