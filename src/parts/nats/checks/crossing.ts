import { randomBytes } from 'node:crypto';
import type { Clock, NatsConnection } from '../../ports.js';

export interface Crossing {
  arrived: boolean;
  latencyMs: number;
}

const TIMEOUT_MS = 3_000;
const REPEAT_MS = 50;

/**
 * Sends a message that never was before, until it arrives: the subscription needs a moment to spread. The one that arrives
 * says when it left.
 */
export async function cross(
  sender: NatsConnection,
  receiver: NatsConnection,
  clock: Clock,
  signal: AbortSignal,
): Promise<Crossing> {
  const nonce = randomBytes(12).toString('hex');
  const subject = `leafspan.probe.${nonce}`;
  const state = { done: false };
  const arrival = receiver
    .waitFor(subject, (text) => text.startsWith(nonce), TIMEOUT_MS)
    .then((text): Crossing => {
      const left = Number(text?.slice(nonce.length + 1));
      return { arrived: text !== undefined, latencyMs: performance.now() - left };
    })
    .finally(() => {
      state.done = true;
    });
  await receiver.flush();
  while (!state.done) {
    sender.publish(subject, `${nonce} ${performance.now()}`);
    await Promise.race([arrival, clock.sleep(REPEAT_MS, signal)]);
  }
  return arrival;
}
