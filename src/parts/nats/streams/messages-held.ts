import { parseObject } from '../../../contract/json.js';
import { isHub } from '../../../contract/topology/scope.js';
import { DEFAULT_STORES } from '../../../contract/topology/stores.js';
import { hasJetStream } from '../../../domain/accounts/streams.js';
import { identityOf } from '../../../domain/kubernetes/objects.js';
import { BROKER_APP } from '../../../domain/nats/broker.js';
import { LEAF_APP } from '../../../domain/nats/leaf-node.js';
import { monitorPath } from '../../../domain/nats/monitor.js';
import { dataClaim } from '../../../domain/nats/streams/jetstream.js';
import { heldIn, streamsHeld, type Jsz } from '../../../domain/nats/streams/jsz.js';
import type { Site } from '../../site.js';

const appOf = (site: Site): typeof BROKER_APP | typeof LEAF_APP => (isHub(site.scope) ? BROKER_APP : LEAF_APP);

/** Sentences about messages that a cluster's streams hold, whether the topology still has them or not; []: none. */
export async function messagesHeld(site: Site): Promise<string[]> {
  if ((await site.api()) === 'down' && hasJetStream(site.scope.settings.nats))
    return [`${site.cluster}: K3s does not respond, so what its streams hold is not known`];
  const kube = await site.kubeIfUp();
  const claim = dataClaim(appOf(site), site.scope.cluster.role, DEFAULT_STORES);
  if ((await kube?.read(identityOf(claim))) === undefined) return [];
  const seen = await seeJsz(site);
  if (seen === undefined || seen.disabled === true)
    return [`${site.cluster}: there is a volume for streams, and no NATS server that says what they hold`];
  return heldIn(streamsHeld(seen)).map((held) => `${site.cluster}: ${held}`);
}

/** What the NATS server of a cluster keeps; undefined: it does not respond. */
export async function seeJsz(site: Site): Promise<Jsz | undefined> {
  const kube = await site.kube();
  const { status, body } = await kube.get(monitorPath(appOf(site), 'jsz?accounts=true&streams=true'));
  return status === 200 ? parseObject<Jsz>(body, {}) : undefined;
}
