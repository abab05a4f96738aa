import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { freePort } from '../support/servers/loopback.js';

const cli = new Cli();
let topology: string;
beforeAll(async () => {
  const port = await freePort();
  const key = cli.write('key', 'not a key');
  const host = (name: string, last: number) => ({
    name,
    ssh: { address: `127.0.0.${last}`, port, user: 'ubuntu', privateKeyFile: key },
    externalAddress: `192.0.2.${last}`,
  });
  const broker = { name: 'cluster-a', hosts: [host('vm-a', 1)] };
  const leaves = [{ name: 'cluster-b', hosts: [host('vm-b', 2)] }];
  topology = cli.write('x.yaml', topologyFile({ broker, leaves }));
});

test('of hosts that cannot be logged in to it says so, and starts no Temporal server', async () => {
  const { code, stdout } = await cli.run('doctor', '-f', topology);
  expect(code).toBe(1);
  expect(stdout.split('\n')[0]).toMatch(/^✖ Cause: .+ \(cluster-[ab]\)$/);
  expect(stdout).toContain('(host-responds)');
  expect(existsSync(join(cli.folder, 'state', 'temporal'))).toBe(false);
});

test('what it has seen is read again without the hosts, with the same output', async () => {
  const seen = await cli.run('doctor', '-f', topology, '--support', 'seen.json.gz');
  const again = await cli.run('doctor', '--from', 'seen.json.gz');
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 1, stdout: seen.stdout });
});

test('as JSON the causes come in order, each with what to do', async () => {
  const { code, stdout } = await cli.run('doctor', '-f', topology, '--json', '--only', 'cluster-b');
  const { health, causes } = JSON.parse(stdout) as { health: string; causes: { id: string; remedy: { do: string } }[] };
  expect({ code, health, first: causes[0]?.id }).toEqual({ code: 1, health: 'found', first: 'host-responds' });
  expect(causes.every(({ remedy }) => remedy.do !== '')).toBe(true);
});
