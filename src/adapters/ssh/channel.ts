import type { Client, ClientChannel } from 'ssh2';
import type { Host } from '../../domain/topology/types.js';
import { connectionLost } from './ssh-errors.js';

/** How a remote command ended. `lost`: the connection went before the command told its end. */
export type Ending = { kind: 'exit'; code: number } | { kind: 'killed'; signal: string } | { kind: 'lost' };

/** A command that runs on the host. `ended` resolves when its channel is closed. */
export interface Started {
  channel: ClientChannel;
  ended: Promise<Ending>;
}

/** @throws ProvisionError SSH_CONNECTION_LOST */
export function openChannel(host: Host, client: Client, command: string): Promise<Started> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(connectionLost(host, 'opening a channel'));
    client.once('close', lost);
    const settle = (error: Error | undefined, channel?: ClientChannel): void => {
      client.off('close', lost);
      // Listened to at once: what ends fast sends its exit code in the packet that opens the channel.
      if (channel !== undefined) resolve({ channel, ended: endingOf(channel) });
      else reject(connectionLost(host, `opening a channel (${error?.message ?? 'no channel'})`));
    };
    try {
      client.exec(command, settle);
    } catch (error) {
      settle(error as Error); // "Not connected" is thrown, not handed to the callback
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

export const asRoot = ({ ssh }: Host, command: string): string =>
  ssh.user === 'root' ? command : `sudo -n ${command}`;
