import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startOf } from '../../src/local/processes.js';

let other: ChildProcess;
let pid: number;
beforeEach(async () => {
  const shell = spawn('sh', ['-c', 'echo runs; read -r marker_of_the_test']);
  await once(shell.stdout, 'data');
  other = shell;
  pid = shell.pid ?? 0;
});
afterEach(() => {
  other.kill('SIGKILL');
});

test('a process that runs is alive', () => {
  expect(isAlive(pid)).toBe(true);
  expect(isAlive(pid, 'marker_of_the_test')).toBe(true);
});

test('a pid that belongs to another program now is not the process', () => {
  expect(isAlive(pid, 'leafspan-worker')).toBe(false);
});

test('a process that has ended is not alive', () => {
  expect(isAlive(spawnSync('true').pid)).toBe(false);
});

test('a process that has ended is not alive either while its parent does not ask for its exit code', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 31']);
  try {
    let zombie = 0;
    createInterface(parent.stdout).on('line', (pid) => (zombie = Number(pid)));
    while (zombie === 0 || isAlive(zombie)) await sleep(10);
    expect(process.kill(zombie, 0)).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('two processes did not start at the same moment, one did once', () => {
  expect(startOf(pid)).toBe(startOf(pid));
  expect(startOf(pid)).not.toBe(startOf(process.pid));
});
