import type { Context } from '../../context.js';
import { say } from '../../io.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseName, type Choice } from '../../topologies/choose.js';
import { phaseNamed, send, waitingRun } from './decision.js';

export async function reject(
  context: Context,
  choice: Choice,
  options: { phase: string; note: string },
): Promise<number> {
  const phase = phaseNamed(options.phase);
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const waiting = await waitingRun(temporal, name, phase);
    await send('reject', waiting, { phase, by: context.settings.user, note: options.note });
    say(context.io, `rejected: ${phase} of ${name}`);
    return 0;
  });
}
