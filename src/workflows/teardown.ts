import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { TEARDOWN_PHASES } from '../contract/phases.js';
import type { TeardownInput, TeardownResult } from '../contract/runs.js';
import { clustersOf, hostsOf, serverOf, type Host } from '../domain/topology/types.js';
import { HOST_WORK, LOOK } from './activity-options.js';
import { toStatusError } from './failures.js';
import { Run, type Changed, type StepCall } from './run.js';

const look = proxyActivities<Activities>(LOOK);
const act = proxyActivities<Activities>(HOST_WORK);

/**
 * The parts in reverse: leaf nodes, broker, clusters side by side, and the keys when asked. Each host ends with a proof of
 * absence. A host that cannot be reached is named, and the others go on.
 */
export async function Teardown({ topology, purge }: TeardownInput): Promise<TeardownResult> {
  const run = new Run(topology.name, TEARDOWN_PHASES);
  const removed: string[] = [];
  const unreached: TeardownResult['unreached'] = [];
  const reached = (hosts: Host[]): Host[] => hosts.filter((host) => !unreached.some((lost) => lost.host === host.name));

  /** One step on every host side by side; a host that fails is named and left out from then on. */
  const onEach = async (
    phase: (typeof TEARDOWN_PHASES)[number],
    hosts: Host[],
    title: string,
    invoke: (host: Host, call: StepCall) => Promise<Changed>,
  ): Promise<void> => {
    await Promise.all(
      reached(hosts).map(async (host) => {
        try {
          const place = { id: `${phase}/${title}/${host.name}`, title, cluster: host.cluster, host: host.name };
          removed.push(...(await run.step(phase, place, (call) => invoke(host, call))).changed);
        } catch (error) {
          unreached.push({ host: host.name, error: toStatusError(error) });
        }
      }),
    );
  };

  try {
    const leaves = topology.leaves.map(serverOf);
    await run.phase('leaves', async () => {
      await onEach('leaves', hostsOf(topology), 'look for remains', (host, call) =>
        look.checkOwner.executeWithOptions(call, [{ host, topology: topology.name }]),
      );
      await onEach('leaves', leaves, 'stop the leaf node', (host, call) =>
        act.removeLeafNode.executeWithOptions(call, [{ host }]),
      );
    });
    await run.phase('broker', () =>
      onEach('broker', [serverOf(topology.broker)], 'stop the broker', (host, call) =>
        act.removeBroker.executeWithOptions(call, [{ host }]),
      ),
    );
    await run.phase('clusters', () =>
      onEach(
        'clusters',
        clustersOf(topology).flatMap((cluster) => cluster.hosts),
        'remove K3s and prove its absence',
        (host, call) => act.removeHost.executeWithOptions(call, [{ host, topology: topology.name }]),
      ),
    );
    await run.phase('keys', async () => {
      if (!purge) return;
      const { changed } = await run.step('keys', { id: 'keys', title: 'delete the keys' }, (call) =>
        act.purgeKeys.executeWithOptions(call, [{ topology: topology.name }]),
      );
      removed.push(...changed);
    });
    const state = unreached.length === 0 ? 'done' : 'degraded';
    run.finish(state);
    return { state, removed, unreached };
  } catch (error) {
    run.finish('failed');
    throw error;
  }
}
