import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLocked, withLock } from '../../src/local/lock.js';
import { recordHolder } from '../../src/local/lock-holder.js';
import { LockProcesses } from './lock-processes.js';

const nothing = (): Promise<void> => Promise.resolve();
const mine = (): Promise<string> => Promise.resolve('mine');

let dir = '';
let lock = '';
let processes: LockProcesses;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
  lock = join(dir, 'lock');
  processes = new LockProcesses();
});
afterEach(() => {
  jest.useRealTimers();
  processes.killAll();
  rmSync(dir, { recursive: true });
});

/** As a process leaves it that was killed, or one of another machine holds it. */
const heldBy = async (pid?: number): Promise<void> => {
  mkdirSync(lock);
  if (pid !== undefined) await recordHolder(lock, pid);
};
const notRefreshedFor = (seconds: number): void => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(lock, then, then);
};
/** Waits for the lock until it has said so, then gives up. */
const waitedFor = async (): Promise<string[]> => {
  const stop = new AbortController();
  const holders: string[] = [];
  const onWait = (holder: string): void => {
    holders.push(holder);
    stop.abort();
  };
  await expect(withLock(lock, { signal: stop.signal, onWait }, nothing)).rejects.toThrow(/aborted/);
  return holders;
};

describe('a lock', () => {
  test('lets two that want it at once work one after the other', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`${name} out`);
    };
    await Promise.all([withLock(lock, {}, work('one')), withLock(lock, {}, work('two'))]);
    expect(order).toEqual(['one in', 'one out', 'two in', 'two out']);
  });

  test('needs no file of its name beforehand, and leaves none', async () => {
    await expect(withLock(lock, {}, mine)).resolves.toBe('mine');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('is released when the work throws', async () => {
    await expect(withLock(lock, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('is not waited for any longer when the wait is cancelled', async () => {
    await heldBy(process.pid);
    const cancelled = withLock(lock, { signal: AbortSignal.timeout(10) }, nothing);
    await expect(cancelled).rejects.toThrow(/aborted/);
  });

  test('that was removed meanwhile stops the work, and the command reports it', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
    const work = async (signal: AbortSignal): Promise<void> => {
      rmdirSync(lock);
      await Promise.all([once(signal, 'abort'), jest.advanceTimersByTimeAsync(30_000)]);
      signal.throwIfAborted();
    };
    await expect(withLock(lock, {}, work)).rejects.toMatchObject({ code: 'STATE_LOCK_LOST' });
  });
});

describe('a holder', () => {
  test('that lives is waited for, and named', async () => {
    const holder = spawn('sleep', ['30']);
    await once(holder, 'spawn');
    await heldBy(holder.pid);
    const onWait = jest.fn<(holder: string) => void>(() => void holder.kill('SIGKILL'));
    await withLock(lock, { onWait }, nothing);
    expect(onWait.mock.calls).toEqual([[`process ${String(holder.pid)}`]]);
    expect(existsSync(lock)).toBe(false);
  });

  test('that lives keeps the lock, however long its event loop was blocked', async () => {
    await heldBy(process.pid);
    notRefreshedFor(3600);
    expect(await waitedFor()).toEqual([`process ${process.pid}`]);
    expect(await isLocked(lock)).toBe(true);
  });

  test('that was killed holds nothing from then on', async () => {
    await heldBy(spawnSync('true').pid);
    expect(await isLocked(lock)).toBe(false);
    expect(readdirSync(dir)).toEqual([]);
    await expect(withLock(lock, {}, mine)).resolves.toBe('mine');
  });

  test('whose pid another process has now holds nothing', async () => {
    await heldBy(process.pid);
    const record = readFileSync(`${lock}.holder`, 'utf8');
    writeFileSync(`${lock}.holder`, record.replace(/\n\d+\n/, '\n1\n')); // started earlier;
    await expect(withLock(lock, {}, mine)).resolves.toBe('mine');
  });

  test('that left its record says nothing of the lock that is there now', async () => {
    await heldBy(spawnSync('true').pid);
    rmdirSync(lock);
    await heldBy();
    expect(await waitedFor()).toEqual(['another process']);
  });

  test('that is unknown keeps the lock while it refreshes it', async () => {
    await heldBy();
    notRefreshedFor(50);
    expect(await waitedFor()).toEqual(['another process']);
  });

  test('that is unknown loses the lock after a minute without a refresh', async () => {
    await heldBy();
    notRefreshedFor(70);
    expect(await isLocked(lock)).toBe(false);
    await expect(withLock(lock, {}, mine)).resolves.toBe('mine');
  });
});

describe.each([
  { system: 'with /proc', hidden: [], known: true },
  { system: 'without /proc', hidden: ['/proc'], known: true },
  { system: 'with neither /proc nor ps', hidden: ['/proc', '/bin/ps'], known: false },
])('two processes on a system $system', ({ hidden, known }) => {
  test('hold a lock one after the other', async () => {
    const first = processes.start('first', lock, hidden);
    await first.says('holds it');
    const second = processes.start('second', lock, hidden);
    const holder = known ? `process ${first.pid}` : 'another process';
    await second.says(`waiting for ${holder}`);
    await first.letGo();
    await second.says('holds it');
    await second.letGo();
    expect(processes.said).toEqual([
      'first holds it',
      `second waiting for ${holder}`,
      'first lets go',
      'second holds it',
      'second lets go',
    ]);
  });

  test('take it over from each other when one is killed', async () => {
    const first = processes.start('first', lock, hidden);
    await first.says('holds it');
    await first.kill();
    const second = processes.start('second', lock, hidden);
    await second.says('holds it');
    await second.letGo();
    expect(readdirSync(dir)).toEqual([]);
  });
});
