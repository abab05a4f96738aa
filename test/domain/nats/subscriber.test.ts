import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { subscriberCommand } from '../../../src/domain/nats/objects/programs.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leafspan-subscriber-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The first client loses its connection and would try again by itself, the second one stays. */
const CLIENT = `#!/bin/sh
cd DIRECTORY
[ ! -e first ] || { echo up > second; exec sleep 60; }
echo up > first
echo '12:00:00 >>> Disconnected due to: EOF, will attempt reconnect' >&2
exec sleep 60
`;

const COMMAND = subscriberCommand({
  app: 'subscriber',
  cluster: 'cluster-b',
  image: 'x',
  server: 'nats:4222',
  subject: 'test.messages',
  publishEverySeconds: 5,
  checksum: '',
});

test('a client whose connection breaks is replaced at once, what it says is shown, and both end with the pod', async () => {
  const client = join(directory, 'nats');
  writeFileSync(client, CLIENT.replace('DIRECTORY', directory));
  chmodSync(client, 0o755);
  const said = join(directory, 'said-on');
  const shell = spawn('sh', ['-c', `exec 2>${said}\n${COMMAND.replaceAll('/tmp/said', join(directory, 'said'))}`], {
    env: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
  });
  while (!existsSync(join(directory, 'second'))) await sleep(20);
  const ended = once(shell, 'exit');
  shell.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(readFileSync(said, 'utf8')).toContain('Disconnected due to: EOF');
});
