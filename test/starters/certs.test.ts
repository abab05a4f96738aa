import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { createContext } from '../../src/starters/context.js';
import { warnOfEndingCertificates } from '../../src/starters/topologies/ending-certificates.js';
import { freePort } from '../support/servers/loopback.js';
import { Cli, topologyFile } from '../support/cli/cli.js';

const cli = new Cli();
const DAYS = { 'nats/ca': 3_650, 'nats/broker/server': 20, 'linkerd/issuer-cluster-a': 400, 'nats/clients/probe': 90 };

let topology: string;
beforeAll(async () => {
  const store = new AgeSecretStore(join(cli.folder, 'state'));
  const mint = new PeculiarMint();
  for (const [name, days] of Object.entries(DAYS)) {
    const profile = { commonName: name, usages: [], dns: [], ips: [], days: days + 0.5 };
    await store.write('plant-7', `${name}.crt`, (await mint.selfSigned(profile)).certificate);
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
      undefined,
    ],
  });
});

test('a host that does not respond is named, and the rest is listed', async () => {
  const { code, stdout, stderr } = await cli.run('certs', 'list', '--json', '-f', topology);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { daysLeft: number }[]).map(({ daysLeft }) => daysLeft)).toEqual([20, 90, 400, 3_650]);
  expect(stderr).toMatch(/^the certificates that vm-a itself has are not listed: \S/m);
  expect(stderr).toMatch(/^the certificates that vm-b itself has are not listed: \S/m);
});

test('a warning counts what ends soon, and is silent where nothing does', async () => {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text) };
  const env = { LEAFSPAN_STATE_DIR: join(cli.folder, 'state') };
  const context = createContext({
    stdout: output,
    stderr: output,
    env,
    isTTY: false,
    cwd: cli.folder,
    home: cli.folder,
  });
  await warnOfEndingCertificates(context, 'another');
  expect(written).toEqual([]);
  await warnOfEndingCertificates(context, 'plant-7');
  expect(written.join('')).toMatch(
    /^certificates of plant-7 that end within 60 days: 1, the first in 20 days\nhint: renew them: .* provision; see them: .* certs list plant-7\n$/,
  );
});
