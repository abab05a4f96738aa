import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { coreFigures, streamFigures, type Figures } from '../../../src/domain/bench/figures.js';
import { answeringScript, askingScript, publishingScript, type Client } from '../../../src/domain/bench/scripts.js';
import { CREATE_STREAM, DELETE_STREAM, streamConfig } from '../../../src/domain/bench/stream.js';
import type { NatsConnection } from '../../../src/parts/ports.js';
import { outbox } from '../../support/accounts.js';
import { eventually, startNatsSystem, type NatsSystem } from '../../support/nats-system.js';
import { natsCliDirectory } from '../../support/servers/nats-cli.js';

/** The scripts that hosts run, on this machine, over a real broker with a real leaf node. */
let system: NatsSystem;
let path: string;
const open: NatsConnection[] = [];

beforeAll(async () => {
  system = await startNatsSystem(['cluster-b'], { accounts: [outbox()] });
  path = `${await natsCliDirectory()}:${process.env['PATH'] ?? ''}`;
}, 300_000);

afterAll(async () => {
  await Promise.all(open.map((client) => client.close()));
  await system.stop();
});

async function clientAt(cluster: string, subject: string): Promise<Client & { client: NatsConnection }> {
  const probe = await system.probe(cluster);
  open.push(probe.client);
  return { ...probe, subject, quick: true };
}

async function ran(script: string): Promise<string> {
  const bash = spawn('bash', ['--noprofile', '--norc', '-s'], { env: { PATH: path }, detached: true });
  bash.stdin.end(script);
  const [stdout, stderr, [code]] = await Promise.all([
    text(bash.stdout),
    text(bash.stderr),
    once(bash, 'close') as Promise<[number]>,
  ]);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return stdout;
}

const WHOLE: Figures = {
  p50Ms: expect.any(Number) as unknown as number,
  p99Ms: expect.any(Number) as unknown as number,
  p999Ms: expect.any(Number) as unknown as number,
  requests: expect.any(Number) as unknown as number,
  messagesPerSecond: expect.any(Number) as unknown as number,
};

test.each([
  ['inside a cluster', 'cluster-a', 'cluster-a'],
  ['from a leaf cluster to the broker', 'cluster-b', 'cluster-a'],
  ['from the broker to a leaf cluster', 'cluster-a', 'cluster-b'],
])('messages are measured %s', async (_way, from, to) => {
  const subject = `leafspan.probe.bench.${from}-${to}`;
  const [asking, answering] = [await clientAt(from, subject), await clientAt(to, subject)];
  const [asked, answered] = await Promise.all([ran(askingScript(asking)), ran(answeringScript(answering))]);
  expect(coreFigures(asked, answered)).toEqual(WHOLE);
});

test('a stream of the broker is measured from a leaf cluster, and is the only one that the user of checks can make', async () => {
  const [leaf, hub] = [await clientAt('cluster-b', 'leafspan.probe.bench.js'), await clientAt('cluster-a', '')];
  expect(await hub.client.request(CREATE_STREAM, streamConfig(leaf.subject), 5_000)).toContain('"did_create":true');
  expect(streamFigures(await ran(publishingScript(leaf)))).toEqual(WHOLE);
  expect(await hub.client.request(DELETE_STREAM, '', 5_000)).toContain('"success":true');
  hub.client.publish('$JS.API.STREAM.CREATE.OTHER', '{}');
  await eventually(() => Promise.resolve(hub.client.violations().includes('publish $JS.API.STREAM.CREATE.OTHER')));
});

test('no one who responds is an error that says so', async () => {
  await expect(ran(askingScript(await clientAt('cluster-a', 'leafspan.probe.bench.silent')))).rejects.toThrow(
    'exit code 42',
  );
});

test('a script that is killed leaves no file, no mount and no client', async () => {
  const client = await clientAt('cluster-a', 'leafspan.probe.bench.killed');
  const bash = spawn('bash', ['--noprofile', '--norc', '-s'], { env: { PATH: path }, detached: true });
  bash.stdin.end(answeringScript(client));
  await eventually(isListening);
  process.kill(-(bash.pid ?? 0), 'SIGKILL');
  await eventually(async () => !(await isListening()));
  expect(readdirSync('/run')).not.toContain('pem');
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toMatch(/^leafspan-bench /m);
});

const isListening = async (): Promise<boolean> =>
  (await system.monitor('cluster-a', 'connz?subs=1&auth=1')).includes('leafspan.probe.bench.killed.echo');
