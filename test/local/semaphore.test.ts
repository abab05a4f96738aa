import { expect, test } from '@jest/globals';
import { Semaphore } from '../../src/local/semaphore.js';

const { signal } = new AbortController();

/** Notes who got a slot. */
function visitors(slots: number): { enter: (name: string, until?: AbortSignal) => Promise<() => void>; in: string[] } {
  const semaphore = new Semaphore(slots);
  const entered: string[] = [];
  return {
    in: entered,
    enter: async (name, until = signal) => {
      const leave = await semaphore.acquire(until);
      entered.push(name);
      return leave;
    },
  };
}

test('waiters get the slots in the order in which they came', async () => {
  const room = visitors(2);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => room.enter(name));
  await Promise.all([a, b]);
  expect(room.in).toEqual(['a', 'b']);
  (await b)?.();
  await c;
  expect(room.in).toEqual(['a', 'b', 'c']);
  (await a)?.();
  await d;
  expect(room.in).toEqual(['a', 'b', 'c', 'd']);
});

test('a slot that is given back twice is one slot', async () => {
  const room = visitors(1);
  const leave = await room.enter('a');
  leave();
  leave();
  await room.enter('b');
  const cancel = new AbortController();
  const third = room.enter('c', cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(third).rejects.toThrow('cancelled');
});

test('a waiter whose signal aborts leaves the queue, and the next one gets the slot', async () => {
  const room = visitors(1);
  const leave = await room.enter('a');
  const cancel = new AbortController();
  const second = room.enter('b', cancel.signal);
  const third = room.enter('c');
  cancel.abort(new Error('cancelled'));
  await expect(second).rejects.toThrow('cancelled');
  leave();
  await third;
  expect(room.in).toEqual(['a', 'c']);
});

test('an aborted signal gets no slot, free as it may be', async () => {
  await expect(visitors(1).enter('a', AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
});

test('work that throws gives its slot back', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(semaphore.run(signal, () => Promise.resolve('mine'))).resolves.toBe('mine');
});
