import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseTopology, type ParsedTopology } from '../../src/domain/topology/parse.js';
import { Cli } from '../support/cli/cli.js';
import { freePort } from '../support/servers/loopback.js';
import { startSshd, type TestSshd } from '../support/servers/sshd.js';

const cli = new Cli();
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
  copyFileSync(sshd.keyFile, join(cli.folder, 'key'));
});
afterAll(() => sshd.stop());

const written = (name: string): string => readFileSync(join(cli.folder, name), 'utf8');
const parsed = (name: string): ParsedTopology => parseTopology(written(name), (path) => path);

test('hosts that respond are written with their host key and their own address', async () => {
  const closed = await freePort();
  const hosts = ['--hub', `root@localhost:${sshd.port}`, '--leaf', `site-1=root@127.0.0.2:${closed}`];
  const { code, stderr } = await cli.run('init', '--name', 'plant-7', ...hosts, '--key', 'key', '--out', 'probed.yaml');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(`host key ${sshd.hostKey}`) });
  expect(stderr).toContain('plan -f probed.yaml');
  expect(parsed('probed.yaml')).toMatchObject({
    ok: true,
    topology: {
      name: 'plant-7',
      broker: {
        name: 'cluster-a',
        hosts: [
          {
            ssh: { port: sshd.port, user: 'root', hostKey: sshd.hostKey },
            internalAddress: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
          },
        ],
      },
      leaves: [{ name: 'site-1' }],
      link: { mode: 'mesh' },
    },
  });
});

test('a host that does not respond is written without its key, and named', async () => {
  const closed = await freePort();
  const hosts = ['--hub', `root@127.0.0.1:${closed}`, '--leaf', 'u@192.0.2.9'];
  const { code, stderr } = await cli.run('init', ...hosts, '--no-probe', '--mode', 'direct', '--out', 'plain.yaml');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('plan -f plain.yaml') });
  const asked = await cli.run(
    'init',
    '--hub',
    `root@127.0.0.1:${closed}`,
    '--leaf',
    `u@127.0.0.2:${closed}`,
    '--out',
    'closed.yaml',
  );
  expect(asked).toMatchObject({ code: 0, stderr: expect.stringContaining('! cluster-a at 127.0.0.1: ') });
  expect(written('closed.yaml')).toContain('# not probed: ');
  expect(parsed('closed.yaml')).toMatchObject({ ok: true });
});

test('a name gets the field that it still needs, and the file says so', async () => {
  const { code, stderr } = await cli.run(
    'init',
    '--hub',
    'plant-a',
    '--leaf',
    'u@192.0.2.9',
    '--no-probe',
    '--out',
    'names.yaml',
  );
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('to be completed:') });
  expect(stderr).toContain('externalAddress');
});

test.each<[what: string, options: string[], message: string]>([
  ['without a hub', ['--leaf', 'u@192.0.2.9'], '--hub is missing'],
  ['with a host that cannot be read', ['--hub', 'u@h@x', '--leaf', 'a'], '"u@h@x" is not a host'],
  ['onto a file that is there', ['--hub', 'a', '--leaf', 'b', '--out', 'key'], 'key is there already'],
])('%s it writes nothing', async (_what, options, message) => {
  expect(await cli.run('init', ...options, '--no-probe')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message),
  });
});
