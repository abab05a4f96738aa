import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeSSH } from 'node-ssh';
import type { LoginHost } from '../login/login-host.js';
import { quote } from '../../../domain/hosts/quote.js';
import { asRoot, type Ending } from '../channel.js';
import { SCRIPT_FILES } from './succession.js';

/** Time for the script to say its process group, when it was stopped right after its start. */
const START_MS = 2_000;
/** Time between TERM and KILL. */
const GRACE_SECONDS = 2;
/** Longest wait for all of it; a dead connection must not hold a cancellation up. */
const PATIENCE_MS = 6_000;

/**
 * Stops a remote process group: TERM, then KILL after 2 s. Closing the channel would leave it running, and sshd takes no
 * signals for root. A second command does it, beside the limit of channels.
 */
export async function stopGroup(
  host: LoginHost,
  ssh: NodeSSH,
  ended: Promise<Ending>,
  group: () => number | undefined,
): Promise<void> {
  const waiting = new AbortController();
  const work = async (): Promise<void> => {
    for (let waited = 0; group() === undefined && waited < START_MS; waited += 50) await sleep(50);
    const id = group();
    if (id === undefined) return;
    await ssh.execCommand(asRoot(host, `bash -c ${quote(killScript(id))}`), {
      // node-ssh listens for no error of the channel: a write to one that is gone would stop the process.
      onChannel: (channel) => channel.on('error', () => undefined),
    });
    await ended;
  };
  await Promise.race([
    work().catch(() => undefined), // without a connection there is nothing to stop it with
    ended,
    sleep(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => undefined),
  ]);
  waiting.abort();
}

const killScript = (group: number): string =>
  [
    `kill -TERM -- -${group} 2>/dev/null`,
    `until ((SECONDS >= ${GRACE_SECONDS})); do kill -0 -- -${group} 2>/dev/null || break; sleep 0.1; done`,
    `kill -KILL -- -${group} 2>/dev/null`,
    `rm -f ${SCRIPT_FILES}.*.${group}`,
  ].join('; ');
