import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackedApp } from '../support/cli/packed-app.js';
import { temporalCli } from '../support/cli/temporal-cli.js';
import { startWorkerContainer } from '../support/compose/worker-container.js';
import { answering, freePort } from '../support/servers/loopback.js';

const ROOT = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { version: string };

const TOPOLOGY = `apiVersion: leafspan/v1
name: packed
broker: { name: cluster-a, hosts: [{ ssh: { address: 192.0.2.10, user: ada, privateKeyFile: none } }] }
leaves: [{ name: cluster-b, hosts: [{ ssh: { address: 192.0.2.20, user: ada, privateKeyFile: none } }] }]
link: { mode: direct }
`;

let app: PackedApp;
beforeAll(() => {
  app = new PackedApp();
  app.write('topology.yaml', TOPOLOGY);
});
afterAll(() => app.remove());

test('npx leafspan runs from the package', async () => {
  expect(await app.npx('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  expect(await app.npx('firewall', '-f', 'topology.yaml')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('30722') as unknown,
  });
});

test('its worker runs activities and workflows', async () => {
  expect(await app.npx('plan', '-f', 'topology.yaml')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/private key \S+\/none does not exist[^]*SSH_KEY_UNREADABLE/) as unknown,
  });
  expect((await app.npx('stop')).stderr).toContain('worker stopped');
}, 120_000);

test('the worker of the image does its work: another user, no capabilities, a root that is only read', async () => {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const server = spawn(await temporalCli(), ['server', 'start-dev', '--headless', '--port', String(port)]);
  try {
    await answering(port, server, 'Temporal');
    execFileSync('chown', ['-R', '1000:1000', app.stateDir]);
    const container = await startWorkerContainer(app.home, join(ROOT, 'node_modules'), app.stateDir, address);
    app.env['TEMPORAL_ADDRESS'] = address;
    const { stderr } = await app.npx('plan', '-f', 'topology.yaml').finally(() => container.stop());
    expect(stderr).toMatch(/private key \S+\/none does not exist[^]*SSH_KEY_UNREADABLE/);
  } finally {
    server.kill();
  }
}, 120_000);

test('the package brings the Kubernetes client with what the lockfile names, which npm would not heed', () => {
  expect(app.versionOf('@kubernetes/client-node')).toBe('2.0.1');
  expect(app.versionOf('undici')).toMatch(/^7\./);
});
