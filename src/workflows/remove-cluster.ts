import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import type { RemovalInput, RemovalResult } from '../contract/runs.js';
import { hostOf, isHub } from '../contract/topology/scope.js';
import { LOOK } from './run/activity-options.js';
import { removePart } from './run/part-activities.js';
import { report } from './run/status/progress.js';
import { Run } from './run/run.js';
import { walk } from './run/walk.js';

const look = proxyActivities<Activities>(LOOK);

/** Takes one cluster out: its parts in reverse, each with a proof of its absence, the claim on the host last. */
export async function RemoveCluster({ scope }: RemovalInput): Promise<RemovalResult> {
  const phase = isHub(scope) ? 'hub' : 'leaves';
  const { cluster, name: host } = hostOf(scope);
  const run = new Run(scope.settings.name, [phase], cluster);
  try {
    return await run.phase(phase, async () => {
      const place = { id: 'look', title: 'look for what is there', cluster, host };
      const { parts } = await run.entry(phase, place, (call) =>
        look['plan removal'].executeWithOptions(call, [{ scope }]),
      );
      let removed = 0;
      const leaving = new Set(parts.filter(({ leavesFirst }) => leavesFirst).map(({ part }) => part));
      if (leaving.size === 0) await report({ cluster, left: true });
      await walk(
        parts.map((part) => ({ ...part, phase })),
        {
          mayStart: () => !run.paused,
          isOpen: () => true,
          waitsFor: () => Promise.resolve(),
          act: async ({ part, title }) => {
            const { steps } = await run.entry(phase, { id: part, title, cluster, host }, (call) =>
              removePart(part).executeWithOptions(call, [{ scope }]),
            );
            removed += steps.length;
            if (leaving.delete(part) && leaving.size === 0) await report({ cluster, left: true });
          },
        },
      );
      run.finish('done');
      return { removed };
    });
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}
