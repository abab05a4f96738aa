import { expect, test } from '@jest/globals';
import { mapLimited } from '../../src/parts/waiting/limited.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('maps in order, four at a time', async () => {
  let running = 0;
  const seen: number[] = [];
  const results = await mapLimited([1, 2, 3, 4, 5, 6, 7], async (item) => {
    seen.push((running += 1));
    await turn();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(Math.max(...seen)).toBe(4);
});

test('begins nothing after an error, which is the one that is thrown', async () => {
  const begun: number[] = [];
  const mapping = mapLimited([1, 2, 3, 4, 5, 6, 7], async (item) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('cut');
  });
  await expect(mapping).rejects.toThrow('cut');
  await turn();
  expect(begun).toEqual([1, 2, 3, 4]);
});

test('maps nothing to nothing', async () => {
  expect(await mapLimited([], () => Promise.reject(new Error('called')))).toEqual([]);
});
