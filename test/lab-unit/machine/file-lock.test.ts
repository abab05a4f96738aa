import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../src/lab/machine/file-lock.js';
import { startTimeOf } from '../../../src/lab/machine/process-table.js';

let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(dir, 'lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('file lock', () => {
  test('two at a time work one after the other', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`${name} out`);
    };
    await Promise.all([withLock(file, {}, work('one')), withLock(file, {}, work('two'))]);
    expect(order).toEqual(['one in', 'one out', 'two in', 'two out']);
  });

  test('work that throws leaves no lock', async () => {
    await expect(withLock(file, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('the lock of a process that is gone is taken over', async () => {
    const { pid } = spawnSync('true');
    writeFileSync(file, `${String(pid)} 12345`);
    await expect(withLock(file, {}, () => Promise.resolve('mine'))).resolves.toBe('mine');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a pid that another process has now holds nothing', async () => {
    writeFileSync(file, `${String(process.pid)} 1`);
    await expect(withLock(file, {}, () => Promise.resolve('mine'))).resolves.toBe('mine');
  });

  test('a live holder is waited for, and named', async () => {
    const holder = spawn('sleep', ['30']);
    await once(holder, 'spawn');
    writeFileSync(file, `${String(holder.pid)} ${String(startTimeOf(holder.pid ?? 0))}`);
    const waited: number[] = [];
    const onWait = (pid: number): void => {
      waited.push(pid);
      holder.kill('SIGKILL');
    };
    await withLock(file, { onWait }, () => Promise.resolve());
    expect(waited).toEqual([holder.pid]);
    expect(existsSync(file)).toBe(false);
  });

  test('waiting ends when it is cancelled', async () => {
    writeFileSync(file, `${String(process.pid)} ${String(startTimeOf(process.pid))}`);
    const cancelled = withLock(file, { signal: AbortSignal.timeout(10) }, () => Promise.resolve());
    await expect(cancelled).rejects.toThrow(/aborted/);
  });
});
