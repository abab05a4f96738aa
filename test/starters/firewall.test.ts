import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { BIN } from '../support/cli/leafspan-cli.js';

const cli = new Cli();
let topology: string;
beforeAll(() => {
  topology = cli.write('x.yaml', topologyFile());
});

test('firewall prints a table for each host', async () => {
  const { code, stdout } = await cli.run('firewall', '-f', topology);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SOURCE +PORT +PROTOCOL +FIREWALL +WHY$/m);
  expect(stdout).toMatch(/^10\.42\.0\.0\/16 +all +all +host +pods of K3s$/m);
  expect(stdout).toMatch(/^anywhere +22 +TCP +host, cloud +SSH from /m);
});

test('firewall has colours on a terminal, and none in a file that is written from one', () => {
  const command = `${process.execPath} ${BIN} firewall -f ${topology}`;
  const env = { PATH: process.env['PATH'], TERM: 'xterm', LEAFSPAN_STATE_DIR: cli.stateDir };
  const onTerminal = (line: string): string =>
    execFileSync('script', ['-qec', line, '/dev/null'], { env, encoding: 'utf8' });
  expect(onTerminal(command)).toContain('\u001b[1mvm-a\u001b[22m (cluster-a)');
  onTerminal(`${command} > ${join(cli.folder, 'written')}`);
  expect(readFileSync(join(cli.folder, 'written'), 'utf8')).toMatch(/^vm-a \(cluster-a\)\nSOURCE /);
});

test('firewall prints commands for one host, with the topology in each rule', async () => {
  const { stdout } = await cli.run('firewall', '-f', topology, '--format', 'ufw', '--host', 'vm-b');
  const [heading, ...commands] = stdout.trim().split('\n');
  expect(heading).toBe('# vm-b (cluster-b)');
  expect(commands.filter((line) => !/^sudo ufw .* comment leafspan:plant-7$/.test(line))).toEqual([]);
});

test('firewall prints data', async () => {
  const { stdout } = await cli.run('firewall', '-f', topology, '--format', 'json');
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({
      cluster: 'cluster-b',
      openings: expect.arrayContaining([
        expect.objectContaining({ sources: ['10.42.0.0/16'], crossesNetworks: false }),
      ]),
    }),
  );
});

test('firewall names the hosts that there are', async () => {
  const { code, stderr } = await cli.run('firewall', '-f', topology, '--host', 'nowhere');
  expect(code).toBe(2);
  expect(stderr).toMatch(/has no host "nowhere"[^]*its hosts are: /);
});
