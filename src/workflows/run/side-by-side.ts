import { CancellationScope } from '@temporalio/workflow';

/** Runs all at once. The first failure cancels the others, and when it is thrown none of them runs any more. */
export async function sideBySide<T>(bodies: readonly (() => Promise<T>)[]): Promise<T[]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const outcomes = await scope.run(() =>
    Promise.allSettled(
      bodies.map(async (body) => {
        try {
          return await body();
        } catch (error) {
          failures.push(error);
          scope.cancel();
          throw error;
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}
