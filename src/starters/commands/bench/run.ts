import type { Measured } from '../../../bench/bench.js';
import type { Topology } from '../../../contract/topology/topology.js';
import type { Context } from '../../context.js';
import { interruptible, printData, printJson, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { endsOf, type Chosen } from './ends.js';
import { benchJson, renderBench } from './output.js';

export interface BenchCommandOptions {
  from?: string;
  to?: string;
  quick?: boolean;
  json?: boolean;
}

/** No way is begun later, so that all of it takes less than a minute. */
const LIMIT_MS = 40_000;

/** No workflow: it measures now, and leaves nothing to continue. */
export async function bench(context: Context, choice: Choice, options: BenchCommandOptions): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const chosen = endsOf(topology, options);
  const began = performance.now();
  const measured = await measure(context, topology, { ...chosen, quick: options.quick === true });
  if (options.json === true) printJson(context.io, benchJson(topology.name, measured));
  else {
    printData(context.io, renderBench(measured, context.style));
    say(context.io, context.style.dim(`in ${Math.round((performance.now() - began) / 1_000)} s`));
  }
  return measured.some(({ outcome }) => 'failed' in outcome) ? EXIT_FAILED : 0;
}

/** In this process, over the adapters that a worker has. */
async function measure(
  { io, settings, style }: Context,
  topology: Topology,
  chosen: Chosen & { quick: boolean },
): Promise<Measured[]> {
  const [{ wirePorts }, { bench: measureWays }, { SSH_LIMITS }] = await Promise.all([
    import('../../../workers/wiring.js'),
    import('../../../bench/bench.js'),
    import('../../../adapters/ssh/ssh-host-shell.js'),
  ]);
  const wiring = wirePorts({ ...settings, sshLimits: SSH_LIMITS });
  try {
    return await interruptible(io, (signal) =>
      measureWays(wiring.ports, topology, {
        ...chosen,
        work: { signal, heartbeat: (what) => say(io, style.dim(what)) },
        limitMs: LIMIT_MS,
      }),
    );
  } finally {
    await wiring.close();
  }
}
