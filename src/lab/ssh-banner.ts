import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const ATTEMPT_MS = 1_000;

/** True when the other end says that it speaks SSH: a port that is merely open proves nothing. */
export function readsSshBanner(address: string, timeoutMs = ATTEMPT_MS): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
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
