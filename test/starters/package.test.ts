import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackedApp } from '../support/cli/packed-app.js';

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

test('the package brings the Kubernetes client with what the lockfile names, which npm would not heed', () => {
  expect(app.versionOf('@kubernetes/client-node')).toBe('2.0.1');
  expect(app.versionOf('undici')).toMatch(/^7\./);
});
