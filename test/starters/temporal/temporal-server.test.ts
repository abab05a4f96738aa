import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { proxyFor } from '../../../src/local/proxy.js';
import { Cli, topologyFile } from '../../support/cli/cli.js';
import { startTemporal, type TestTemporal } from '../../support/temporal/temporal.js';

const PROXY = 'http://user:secret@127.0.0.1:9';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterEach(() => {
  delete process.env['http_proxy'];
});
afterAll(() => temporal.close());

test('a server on this machine is not reached through a proxy', async () => {
  process.env['http_proxy'] = PROXY;
  const cli = new Cli({ TEMPORAL_ADDRESS: temporal.env.address, http_proxy: PROXY });
  const { code, stderr } = await cli.run('status', '-f', cli.write('topology.yaml', topologyFile()));
  // It was started to respond, and its server ends with this test.
  expect((await cli.run('stop')).stderr).toContain('worker stopped');
  expect(stderr).toContain('no run of topology "plant-7" is known');
  expect(code).toBe(2);
});

test('a namespace that does not exist is named, with the command that creates it', async () => {
  const cli = new Cli({ TEMPORAL_ADDRESS: temporal.env.address, TEMPORAL_NAMESPACE: 'prod' });
  const { code, stderr } = await cli.run('status', '-f', cli.write('topology.yaml', topologyFile()));
  expect(stderr).toContain(`the Temporal server at ${temporal.env.address} has no namespace "prod"`);
  expect(stderr).toContain('temporal operator namespace create -n prod');
  expect(code).toBe(1);
});

test.each<[what: string, address: string, env: NodeJS.ProcessEnv, proxy: object | undefined]>([
  [
    'a server elsewhere',
    'temporal.example:7233',
    { https_proxy: PROXY },
    { variable: 'https_proxy', host: '127.0.0.1:9' },
  ],
  ['loopback', '127.0.0.1:7233', { https_proxy: PROXY }, undefined],
  ['localhost', 'localhost:7233', { grpc_proxy: PROXY }, undefined],
  ['an exception', 'temporal.example:7233', { http_proxy: PROXY, no_proxy: 'localhost,.example' }, undefined],
  ['no variable', 'temporal.example:7233', {}, undefined],
])('the proxy for %s, without its password', (_what, address, env, proxy) => {
  expect(proxyFor(address, env)).toEqual(proxy);
});
