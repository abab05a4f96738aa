import type { MeshLab } from '../support/mesh-lab.js';
import { eventually } from '../support/system-lab.js';

/** So many messages that the subscriber lacks are an outage and not a delay. */
const OUTAGE = 5;

export const publisher = (lab: MeshLab): number =>
  Number(lab.on('vm-a', 'k -n nats-system exec deploy/publisher -c nats-box -- cat /tmp/count'));

/** The numbers of the publisher's messages in a subscriber's whole log; none while it has no log. */
export const received = (lab: MeshLab, host: string): number[] =>
  [
    ...lab
      .on(host, 'k -n nats-system logs deploy/subscriber -c nats-box --tail=-1 2>/dev/null || true')
      .matchAll(/Message #(\d+) - Published at/g),
  ].map((match) => Number(match[1]));

/** A message arrives that was published after this was called. */
export async function messagesFlow(lab: MeshLab, host = 'vm-b'): Promise<void> {
  const before = publisher(lab);
  await eventually(`a message after #${before} arrives at ${host}`, () => (received(lab, host).at(-1) ?? 0) > before);
}

export const messagesStop = (lab: MeshLab, host = 'vm-b'): Promise<void> =>
  eventually(`messages stop at ${host}`, () => publisher(lab) - (received(lab, host).at(-1) ?? 0) >= OUTAGE);
