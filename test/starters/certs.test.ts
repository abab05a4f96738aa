import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { createContext } from '../../src/starters/context.js';
import { endingCertificates, warnOfEnding } from '../../src/starters/topologies/ending-certificates.js';
import { twoClusters } from '../support/topologies.js';
import { freePort } from '../support/servers/loopback.js';
import { Cli, topologyFile } from '../support/cli/cli.js';

const cli = new Cli();
const DAYS = {
  'nats/ca': 3_650,
  'nats/broker/server': 20,
  'linkerd/issuer-cluster-a': 400,
  'linkerd/trust-anchor': 3_700,
  'nats/clients/probe': 90,
};

let topology: string;
let soon: string;
beforeAll(async () => {
  const store = new AgeSecretStore(join(cli.folder, 'state'));
  const mint = new PeculiarMint();
  for (const [name, days] of Object.entries(DAYS)) {
    const profile = { commonName: name, usages: [], dns: [], ips: [], days: days + 0.5 };
    const { certificate } = await mint.selfSigned(profile);
    await store.write('plant-7', `${name}.crt`, certificate);
    if (days < 60) soon = certificate;
  }
  const closed = await freePort();
  const host = (name: string, last: number) => ({
    name,
    ssh: { address: `127.0.0.${last}`, port: closed, user: 'ubuntu' },
    externalAddress: `192.0.2.${last}`,
  });
  const broker = { name: 'cluster-a', hosts: [host('vm-a', 1)] };
  const leaves = [{ name: 'cluster-b', hosts: [host('vm-b', 2)] }];
  topology = cli.write('x.yaml', topologyFile({ broker, leaves }));
});

test('certs list shows first what expires first', async () => {
  const { code, stdout, stderr } = await cli.run('certs', 'list', '--stored', '-f', topology);
  const names = stdout.split('\n').map((line) => line.split(/ +/)[2]);
  expect({ code, stderr, names }).toEqual({
    code: 0,
    stderr: '',
    names: [
      'CERTIFICATE',
      'nats/broker/server.crt',
      'nats/clients/probe.crt',
      'issuer-cluster-a.crt',
      'nats/ca.crt',
      'ca.crt',
      undefined,
    ],
  });
});

test('a host that does not respond is named, and the rest is listed', async () => {
  const { code, stdout, stderr } = await cli.run('certs', 'list', '--json', '-f', topology);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { daysLeft: number }[]).map(({ daysLeft }) => daysLeft)).toEqual([
    20, 90, 400, 3_650, 3_700,
  ]);
  expect(stderr).toMatch(/^the certificates that vm-a itself has are not listed: \S/m);
  expect(stderr).toMatch(/^the certificates that vm-b itself has are not listed: \S/m);
});

const DAY_MS = 86_400_000;
const written: string[] = [];
const output = { write: (text: string) => written.push(text) };
const context = createContext({
  stdout: output,
  stderr: output,
  env: { LEAFSPAN_STATE_DIR: join(cli.folder, 'state') },
  isTTY: false,
  cwd: cli.folder,
  home: cli.folder,
});

/** What a command says so many days from now. */
async function said(days: number, of = twoClusters()): Promise<string> {
  written.length = 0;
  const ending = await endingCertificates(context, 'plant-7', () => Promise.resolve(of), Date.now() + days * DAY_MS);
  warnOfEnding(context, ending);
  return written.join('');
}

test.each<[days: number, line: RegExp]>([
  [
    0,
    /^! 1 certificate ends within 60 days, the first \(nats\/broker\/server\) ends on 20.*; renew: .* certs renew plant-7\n$/,
  ],
  [21, /^! 1 certificate ends within 60 days, the first \(nats\/broker\/server\) ended on 20/],
  [40, /^! 2 certificates end within 60 days, the first \(nats\/broker\/server\) ended on 20/],
  [
    3_640,
    /\n! nats\/ca ends on 20\d\d-\d\d-\d\d with all that it signed, and is never renewed: docs\/certificates\.md#roots\n$/,
  ],
])('%i days later one line counts what ends soon and names the command that renews', async (days, line) => {
  expect(await said(days)).toMatch(line);
});

test('nothing is said of a topology without certificates, nor of certificates that the topology does not have', async () => {
  expect(await endingCertificates(context, 'another', () => Promise.reject(new Error('not read')))).toEqual({
    ending: 0,
    withinDays: 60,
  });
  await new AgeSecretStore(join(cli.folder, 'state')).write('plant-7', 'nats/leaf/server-gone.crt', soon);
  expect(await said(0)).toMatch(/^! 1 certificate /);
});

test('where the topology cannot be read, all that ends counts', async () => {
  const inAYear = Date.now() + 360 * DAY_MS;
  const ending = await endingCertificates(context, 'plant-7', () => Promise.reject(new Error('damaged')), inAYear);
  expect(ending).toMatchObject({ ending: 3 + 1, first: { name: 'nats/broker/server' } });
});

test('doctor says it too, without a Temporal server', async () => {
  const { stdout, stderr } = await cli.run('doctor', '-f', topology, '--json');
  expect(stderr).toContain('1 certificate ends within 60 days');
  expect(JSON.parse(stdout)).toMatchObject({ certificates: { ending: 1, first: { name: 'nats/broker/server' } } });
});
