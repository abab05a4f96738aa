import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';

const cli = new Cli({
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  TEMPORAL_API_KEY: 'do-not-tell',
  LEAFSPAN_STATE_DIR: '/srv/my "leaf" 100%',
});

test('the unit of the worker is one that systemd takes, with the server and without its key', async () => {
  const { code, stdout } = await cli.run('worker', '--print-unit');
  expect(code).toBe(0);
  expect(stdout).toContain('Environment="TEMPORAL_ADDRESS=temporal.example:7233"');
  expect(stdout).toContain(String.raw`Environment="LEAFSPAN_STATE_DIR=/srv/my \"leaf\" 100%%"`);
  expect(stdout).toMatch(/^ExecStart="\/\S+" "\/\S+\/bin\/leafspan.js" worker$/m);
  expect(stdout).not.toContain('do-not-tell');
  const file = cli.write('leafspan-worker.service', stdout);
  expect(spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('the unit that a timer starts renews certificates without asking, and leaves the server that it started', async () => {
  const file = cli.write('topology.yaml', topologyFile({ name: 'plant-7' }));
  const { code, stdout } = await cli.run('certs', 'renew', '-f', file, '--print-unit');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ExecStart="\/\S+" "\/\S+\/bin\/leafspan.js" certs renew plant-7 --yes\nType=oneshot\nKillMode=process$/m,
  );
  const unit = cli.write('leafspan-certs.service', stdout);
  expect(spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
