import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** Short: a first packet that was lost while the host had no network yet is sent again after a whole second only. */
const CONNECT_MS = 200;
const BANNER_MS = 5_000;

/** True when the other end says that it speaks SSH: a port that is merely open proves nothing. */
export function readsSshBanner(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.on('connect', () => socket.setTimeout(BANNER_MS));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('SSH-')));
  });
}

/** False at the deadline. */
export async function awaitSshBanner(address: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await readsSshBanner(address)) return true;
    await sleep(POLL_MS, undefined, { ...(signal && { signal }) });
  }
  return false;
}
