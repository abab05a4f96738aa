/** Connections to an API server; a call that waits for one uses up its time. */
const CALLS = 4;

/** Maps side by side, as many at a time as an API server is asked at once. After the first error none is begun. */
export async function mapLimited<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()].reverse();
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [index, item] = next;
      results[index] = await map(item);
    }
  };
  const stop = (error: unknown): never => {
    waiting.length = 0;
    throw error;
  };
  await Promise.all(Array.from({ length: CALLS }, () => work().catch(stop)));
  return results;
}
