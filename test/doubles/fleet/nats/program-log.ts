import type { HostModel } from '../hosts/host-model.js';
import { NATS_NAMESPACE } from '../../../../src/domain/nats/names.js';
import { DIAL_APP } from '../../../../src/domain/multicluster/dial-pod.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import { linkOf } from './links.js';

/** How often the publisher sends, as its command says. */
function everySeconds(hub: HostModel): number {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'publisher', namespace: NATS_NAMESPACE } };
  const seconds = /sleep (\d+)\\n\s*done/.exec(hub.cluster.store.find(ref)?.json ?? '')?.[1];
  return seconds === undefined ? unmodelled('a publisher that does not say how often it sends') : Number(seconds);
}

/** What the subscriber of a leaf printed: the publisher's messages since the link was up. */
export function programLog(
  world: World,
  host: HostModel,
  { namespace, pod, sinceSeconds }: { namespace: string; pod: string; sinceSeconds: number },
): string {
  // A pod that dials the mirrored Service from outside the mesh gets nothing.
  if (namespace === NATS_NAMESPACE && pod === DIAL_APP) return 'heard=\n';
  if (namespace !== NATS_NAMESPACE || !pod.startsWith('subscriber-')) unmodelled(`the log of ${namespace}/${pod}`);
  const link = linkOf(world, host);
  const listening = host.cluster.readyAt('Deployment', 'subscriber', NATS_NAMESPACE);
  const sending = link?.hub.cluster.readyAt('Deployment', 'publisher', NATS_NAMESPACE);
  if (link === undefined || listening === undefined || sending === undefined) return '';
  const now = Date.now();
  const from = Math.max(now - sinceSeconds * 1_000, link.upAt, listening, sending);
  const step = everySeconds(link.hub) * 1_000;
  const first = Math.ceil((from - sending) / step);
  const count = Math.max(0, Math.floor((now - sending) / step) - first + 1);
  return Array.from({ length: count }, (_, at) => {
    const time = new Date(sending + (first + at) * step).toISOString().replace('T', ' ').slice(0, 19);
    return `[#${at + 1}] Received on "test.messages"\nMessage #${first + at + 1} - Published at ${time} UTC\n`;
  }).join('\n');
}
