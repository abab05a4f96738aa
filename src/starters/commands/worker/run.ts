import { spawn } from 'node:child_process';
import type { Context } from '../../context.js';
import { say } from '../../io.js';
import { connect, locateTemporal } from '../../temporal/connect.js';
import { workerArguments, workerEnv } from '../../temporal/worker.js';

/** A worker in the foreground, as a process of its own: the command line does not load what it imports. */
export async function worker({ io, settings, ...context }: Context): Promise<number> {
  const target = await locateTemporal({ io, settings, ...context }, (text) => say(io, text));
  const temporal = await connect(target, settings);
  await temporal.close();
  say(io, `worker for ${target.address}, namespace ${target.namespace}; stop it with Ctrl-C`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, workerArguments, { stdio: 'inherit', env: workerEnv(settings, target) });
    // The terminal sends Ctrl-C to both; the worker lets its activities finish, and we wait for it.
    const stop = io.onInterrupt?.(() => undefined);
    const passOn = (): void => void child.kill('SIGTERM');
    process.once('SIGTERM', passOn);
    child.once('error', reject);
    child.once('close', (code) => {
      stop?.();
      process.off('SIGTERM', passOn);
      resolve(code ?? 1);
    });
  });
}
