/** Connections to an API server; a call that waits for one uses up its time. */
const CALLS = 4;

/** Maps side by side, as many at a time as an API server is asked at once. The first error ends it. */
export async function mapLimited<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: CALLS }, work));
  return results;
}
