import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { isAlive } from '../../../src/local/processes.js';
import { readSettings, type Settings } from '../../../src/starters/settings.js';
import { resolveTemporalCli } from '../../../src/starters/temporal/cli.js';
import { ensureEmbedded, findEmbedded, stopEmbedded } from '../../../src/starters/temporal/embedded.js';
import { keepHistories } from '../../../src/starters/temporal/namespace.js';
import { until } from '../../../src/starters/temporal/processes.js';

const silent = (): void => undefined;

/** The cache is the user's own, so that the server's program is fetched once. */
const settings = (): Settings => ({
  ...readSettings({ env: process.env, home: homedir() }),
  temporalPort: 0,
  temporalUiPort: 0,
  stateDir: mkdtempSync(join(tmpdir(), 'leafspan-embedded-')),
});

let mine: Settings;
beforeEach(() => {
  mine = settings();
});

afterEach(async () => {
  await stopEmbedded(mine);
  rmSync(mine.stateDir, { recursive: true });
});

test('two commands at once start one server, and a later one finds it', async () => {
  const [one, two] = await Promise.all([ensureEmbedded(mine, silent), ensureEmbedded(mine, silent)]);
  expect(two).toEqual(one);
  expect(await findEmbedded(mine)).toEqual(one);
});

test('a server that exits at its start, since another program took a port of its own, is started again', async () => {
  const temporal = await resolveTemporalCli(mine, silent);
  const failsOnce = join(mine.stateDir, 'temporal-fails-once');
  const mark = join(mine.stateDir, 'failed');
  writeFileSync(
    failsOnce,
    `#!/bin/sh
if [ "$1" = server ] && [ ! -e ${mark} ]; then touch ${mark}; echo 'panic: address already in use' >&2; exit 2; fi
exec ${temporal} "$@"
`,
    { mode: 0o755 },
  );
  const server = await ensureEmbedded({ ...mine, temporalCli: failsOnce }, silent);
  expect(existsSync(mark)).toBe(true);
  expect(await findEmbedded(mine)).toEqual(server);
});

test('the server keeps a run that is over for 30 days', async () => {
  const { port } = await ensureEmbedded(mine, silent);
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` });
  const client = new Client({ connection });
  const days = async (): Promise<number> => {
    const { config } = await client.workflowService.describeNamespace({ namespace: 'default' });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  };
  await keepHistories(client, 'default');
  expect(await days()).toBe(30);
  await keepHistories(client, 'default');
  expect(await days()).toBe(30);
  await connection.close();
});

test('a killed server comes back on the same ports', async () => {
  const before = await ensureEmbedded(mine, silent);
  process.kill(before.pid, 'SIGKILL');
  await until(() => !isAlive(before.pid, 'temporal'), 10_000); // dying, it may still answer
  const after = await ensureEmbedded(mine, silent);
  expect(after.pid).not.toBe(before.pid);
  expect([after.port, after.uiPort]).toEqual([before.port, before.uiPort]);
});

test('a second state folder gets a server on other ports', async () => {
  const other = settings();
  try {
    const [one, two] = [await ensureEmbedded(mine, silent), await ensureEmbedded(other, silent)];
    expect(two.port).not.toBe(one.port);
  } finally {
    await stopEmbedded(other);
    rmSync(other.stateDir, { recursive: true });
  }
});

test('its Web UI is told where histories are decrypted, which responds to it and ends with the server', async () => {
  const { uiPort } = await ensureEmbedded(mine, silent);
  const settings = await until(async () => (await endpointOf(uiPort)) !== undefined, 10_000);
  const endpoint = await endpointOf(uiPort);
  const ask = (origin: string): Promise<number> =>
    fetch(`${endpoint ?? ''}/decode`, { method: 'POST', headers: { origin }, body: '{"payloads":[]}' }).then(
      ({ status }) => status,
      () => 0,
    );
  await until(async () => (await ask(`http://127.0.0.1:${uiPort}`)) !== 0, 30_000);
  expect([settings, await ask(`http://127.0.0.1:${uiPort}`), await ask('http://127.0.0.1:1')]).toEqual([
    true,
    200,
    403,
  ]);
  await stopEmbedded(mine);
  expect(await until(async () => (await ask('http://127.0.0.1:1')) === 0, 10_000)).toBe(true);
});

/** Where a Web UI says that it asks; undefined: it does not respond yet. */
const endpointOf = (uiPort: number): Promise<string | undefined> =>
  fetch(`http://127.0.0.1:${uiPort}/api/v1/settings`)
    .then((response) => response.json() as Promise<{ Codec: { Endpoint: string } }>)
    .then(
      ({ Codec: { Endpoint } }) => Endpoint,
      () => undefined,
    );

test('a stopped server is gone, and stopping again says so', async () => {
  const { pid } = await ensureEmbedded(mine, silent);
  expect(await stopEmbedded(mine)).toBe(true);
  expect(await stopEmbedded(mine)).toBe(false);
  expect(isAlive(pid, 'temporal')).toBe(false);
});
