import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { say } from '../../io.js';
import { openRun } from '../../runs/open-run.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseName, type Choice } from '../../topologies/choose.js';

export async function pause(context: Context, choice: Choice, verb: 'pause' | 'resume'): Promise<number> {
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const { handle } = await openRun(temporal, name);
    await handle.signal(verb);
    say(
      context.io,
      verb === 'pause'
        ? `paused: ${name}; what runs now finishes, then nothing starts until: ${commandLine(`resume ${name}`)}`
        : `resumed: ${name}; watch it: ${commandLine(`status ${name} --watch`)}`,
    );
    return 0;
  });
}
