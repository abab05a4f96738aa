import { DEFAULT_STORES } from '../../../contract/topology/stores.js';
import { parseObject } from '../../../contract/json.js';
import { isHub } from '../../../contract/topology/scope.js';
import { BROKER_APP } from '../../../domain/nats/broker.js';
import { dataClaim } from '../../../domain/nats/streams/jetstream.js';
import { heldIn, type Jsz } from '../../../domain/nats/streams/jsz.js';
import { LEAF_APP } from '../../../domain/nats/leaf-node.js';
import { monitorPath } from '../../../domain/nats/monitor.js';
import { identityOf } from '../../../domain/kubernetes/objects.js';
import type { Site } from '../../site.js';

/** Sentences about messages that a cluster's streams hold, whether the topology still has them or not; []: none. */
export async function messagesHeld(site: Site): Promise<string[]> {
  const kube = await site.kubeIfUp();
  const app = isHub(site.scope) ? BROKER_APP : LEAF_APP;
  const claim = dataClaim(app, site.scope.cluster.role, DEFAULT_STORES);
  if ((await kube?.read(identityOf(claim))) === undefined) return [];
  const page = await kube?.get(monitorPath(app, 'jsz?accounts=true&streams=true'));
  if (page?.status !== 200)
    return [`${site.cluster}: there are streams, and their NATS server does not say what they hold`];
  return heldIn(parseObject<Jsz>(page.body, {})).map((held) => `${site.cluster}: ${held}`);
}
