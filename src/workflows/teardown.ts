import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { TEARDOWN_PHASES, type TeardownPhaseName } from '../contract/phases.js';
import type { TeardownInput, TeardownResult } from '../contract/runs.js';
import { hostsOf, serverOf, type Host } from '../contract/topology.js';
import { HOST_WORK, LOOK } from './activity-options.js';
import { toStatusError } from './failures.js';
import { Run, type Changed, type StepCall } from './run.js';
import { sideBySide } from './side-by-side.js';

const look = proxyActivities<Activities>(LOOK);
const act = proxyActivities<Activities>(HOST_WORK);

/**
 * The parts in reverse: leaf nodes, broker, clusters side by side, and the keys when asked. Each host ends with a proof of
 * absence. A host that cannot be reached is named, the others go on, and the keys stay.
 */
export async function Teardown({ topology, purge }: TeardownInput): Promise<TeardownResult> {
  const { name } = topology;
  const run = new Run(name, TEARDOWN_PHASES);
  const removal = new Removal(run, hostsOf(topology));
  try {
    await run.phase('leaves', async () => {
      await removal.onEach('leaves', hostsOf(topology), 'look for remains', (host, call) =>
        look.checkOwner.executeWithOptions(call, [{ host, topology: name }]),
      );
      await removal.onEach('leaves', topology.leaves.map(serverOf), 'stop the leaf node', (host, call) =>
        act.removeLeafNode.executeWithOptions(call, [{ host }]),
      );
      const stopped = topology.leaves.map(({ name: leaf }) => leaf).filter((leaf) => !removal.lost(leaf));
      await removal.onEach('leaves', [serverOf(topology.broker)], 'see the leaf nodes gone', (host, call) =>
        act.awaitLeavesGone.executeWithOptions(call, [{ host, leaves: stopped }]),
      );
    });
    await run.phase('broker', () =>
      removal.onEach('broker', [serverOf(topology.broker)], 'stop the broker', (host, call) =>
        act.removeBroker.executeWithOptions(call, [{ host }]),
      ),
    );
    await run.phase('clusters', async () => {
      const staying = hostsOf(topology).filter(({ adopt }) => adopt);
      await removal.onEach('clusters', staying, 'take leafspan out of a cluster that stays', (host, call) =>
        act.emptyAdoptedCluster.executeWithOptions(call, [{ host, broker: topology.broker.name }]),
      );
      await removal.onEach('clusters', hostsOf(topology), 'remove K3s and prove its absence', (host, call) =>
        act.removeHost.executeWithOptions(call, [{ host, topology: name }]),
      );
    });
    const { removed, unreached } = removal;
    const state = unreached.length === 0 ? 'done' : 'degraded';
    const deletes = purge && state === 'done'; // what still runs on a host that was not reached needs its keys
    await run.phase('keys', () => (deletes ? removal.purgeKeys(name) : Promise.resolve()));
    run.finish(state);
    return { state, removed, unreached, keys: deletes ? 'deleted' : 'kept' };
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

/** What was removed so far, and the hosts that are left out from now on. */
class Removal {
  readonly removed: string[] = [];
  readonly unreached: TeardownResult['unreached'] = [];
  readonly #run: Run;
  readonly #clusters: ReadonlyMap<string, string>;

  constructor(run: Run, hosts: Host[]) {
    this.#run = run;
    this.#clusters = new Map(hosts.map((host) => [host.name, host.cluster]));
  }

  /** Whether a host of the cluster is left out. */
  lost(cluster: string): boolean {
    return this.unreached.some(({ host }) => this.#clusters.get(host) === cluster);
  }

  /** One step on every host side by side; a host that fails is named and left out from then on. */
  async onEach(
    phase: TeardownPhaseName,
    hosts: Host[],
    title: string,
    invoke: (host: Host, call: StepCall) => Promise<Changed>,
  ): Promise<void> {
    const reached = hosts.filter((host) => !this.unreached.some((lost) => lost.host === host.name));
    await sideBySide(
      reached.map((host) => async () => {
        try {
          const place = { id: `${phase}/${title}/${host.name}`, title, cluster: host.cluster, host: host.name };
          this.removed.push(...(await this.#run.step(phase, place, (call) => invoke(host, call))).changed);
        } catch (error) {
          if (isCancellation(error)) throw error;
          this.unreached.push({ host: host.name, error: toStatusError(error) });
        }
      }),
    );
  }

  async purgeKeys(topology: string): Promise<void> {
    const { changed } = await this.#run.step('keys', { id: 'keys', title: 'delete the keys' }, (call) =>
      act.purgeKeys.executeWithOptions(call, [{ topology }]),
    );
    this.removed.push(...changed);
  }
}
