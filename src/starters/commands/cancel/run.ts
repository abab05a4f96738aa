import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { interruptible, say } from '../../io.js';
import { cancelRun, openProvision } from '../../runs/open-run.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseName, type Choice } from '../../topologies/choose.js';

/** Cancels the run and waits until it has stopped; what the hosts have stays. */
export async function cancel(context: Context, choice: Choice): Promise<number> {
  const { io } = context;
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const run = await openProvision(temporal, name);
    say(io, `cancelling the run of ${name}; what runs now is stopped first ...`);
    const cancelled = await interruptible(io, (signal) => cancelRun(temporal, run, signal));
    say(
      io,
      cancelled
        ? `cancelled: the run of ${name}; the hosts keep what they have, and the next provision continues from there`
        : `the run of ${name} had finished before; see it with: ${commandLine(`status ${name}`)}`,
    );
    return 0;
  });
}
