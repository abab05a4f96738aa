import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import type { LoginHost } from './login/login-host.js';
import { connectionLost, isRefusal, sessionRefused } from './ssh-errors.js';

/** How a remote command ended. `lost`: the connection went before the host reported an end. */
export type Ending = { kind: 'exit'; code: number } | { kind: 'killed'; signal: string } | { kind: 'lost' };

/** A command that runs on the host. `ended` resolves when its channel is closed. */
export interface Started {
  channel: ClientChannel;
  ended: Promise<Ending>;
}

/** A host with a small MaxSessions takes another command when one of ours has ended. */
const REFUSED_EVERY_MS = 500;
const REFUSED_TRIES = 60;

/**
 * node-ssh's own `execCommand` keeps all output and has decoded it chunk by chunk; here the caller reads the channel.
 * @throws ProvisionError SSH_CONNECTION_LOST, COMMAND_FAILED when the host takes no more commands; the signal's reason
 */
export async function openChannel(
  host: LoginHost,
  ssh: NodeSSH,
  command: string,
  signal: AbortSignal,
): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    const started = await tryToOpen(host, ssh, command);
    if (started !== 'refused') return started;
    if (tries === REFUSED_TRIES) throw sessionRefused(host);
    await sleep(REFUSED_EVERY_MS);
    signal.throwIfAborted();
  }
}

function tryToOpen(host: LoginHost, { connection }: NodeSSH, command: string): Promise<Started | 'refused'> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => reject(connectionLost(host, `opening a channel (${why})`));
    if (connection === null) return refuse('not connected');
    try {
      connection.exec(command, (error, channel?: ClientChannel) => {
        // Listen at once: a fast command sends its exit code in the packet that opens the channel.
        if (channel !== undefined) resolve({ channel, ended: endingOf(channel) });
        else if (isRefusal(error)) resolve('refused');
        else refuse(error?.message ?? 'no channel');
      });
    } catch {
      refuse('not connected'); // thrown between the end of the socket and its 'end' event
    }
  });
}

/** A channel that closes without an exit code or signal lost its connection. */
function endingOf(channel: ClientChannel): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending = { kind: 'lost' };
    channel.once('exit', (code: number | null, signal?: string) => {
      if (code !== null) ending = { kind: 'exit', code };
      else if (signal !== undefined) ending = { kind: 'killed', signal };
    });
    channel.once('close', () => resolve(ending));
    channel.on('error', () => undefined); // a write to a channel that is gone; 'close' follows
  });
}

/** For any login shell, csh too: one line, without what only some of them understand. sudo speaks English then. */
export const asRoot = ({ ssh }: LoginHost, command: string): string =>
  ssh.user === 'root' ? command : `env LC_ALL=C sudo -n ${command}`;
