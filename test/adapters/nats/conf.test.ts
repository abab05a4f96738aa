import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { brokerConf, leafConf } from '../../../src/domain/nats/conf.js';
import { natsServerBinary } from '../../support/servers/nats-server.js';

const broker = brokerConf({
  cluster: 'cluster-a',
  leaves: ['cluster-b', 'cluster-c'],
  subject: 'test.messages',
  accounts: [],
});
const leaf = leafConf({ cluster: 'cluster-b', subject: 'test.messages', accounts: [], remote: '203.0.113.10:30722' });
let folder: string;
let server: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leafspan-conf-'));
  server = natsServerBinary();
  const san = 'subjectAltName=DNS:localhost';
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=x',
      '-addext',
      san,
      '-keyout',
      join(folder, 'tls.key'),
      '-out',
      join(folder, 'tls.crt'),
    ],
    { stdio: 'ignore' },
  );
  execFileSync('cp', [join(folder, 'tls.crt'), join(folder, 'ca.crt')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the real server says of a configuration, with the certificates' folders put where this test has some. */
function judged(conf: string): string {
  const file = join(folder, 'nats.conf');
  writeFileSync(file, conf.replaceAll(/\/etc\/nats-(tls|leaf-client)/g, folder));
  return execFileSync(server, ['-t', '-c', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test.each([
  ["the broker's", broker],
  ["the leaf node's", leaf],
])('the real server takes %s configuration', (_whose, conf) => {
  expect(() => judged(conf)).not.toThrow();
});

test('the real server refuses a field that it does not know', () => {
  expect(() => judged(`${leaf}no_such_field: 1\n`)).toThrow(/no_such_field/);
});
