import { randomBytes } from 'node:crypto';
import type { Clock, NatsConnection } from '../../ports.js';

export interface Crossing {
  arrived: boolean;
  /** From server to server: without the way between this machine and either of them. */
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
    .then((text) => ({ text, at: performance.now() }))
    .finally(() => {
      state.done = true;
    });
  const ways = await Promise.all([sender, receiver].map(roundTrip));
  while (!state.done) {
    sender.publish(subject, `${nonce} ${performance.now()}`);
    await Promise.race([arrival, clock.sleep(REPEAT_MS, signal)]);
  }
  const { text, at } = await arrival;
  const tookMs = at - Number(text?.slice(nonce.length + 1));
  return { arrived: text !== undefined, latencyMs: latencyOfLink(tookMs, ways) };
}

/** Without our own tunnels: of each the message went one way. @param roundTripsMs to either server */
export const latencyOfLink = (tookMs: number, roundTripsMs: readonly number[]): number =>
  Math.max(0, tookMs - roundTripsMs.reduce((sum, ms) => sum + ms / 2, 0));

async function roundTrip(client: NatsConnection): Promise<number> {
  const began = performance.now();
  await client.flush();
  return performance.now() - began;
}
