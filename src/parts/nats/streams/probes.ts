import { isHub } from '../../../contract/topology/scope.js';
import { coveredBy } from '../../../domain/accounts/subjects.js';
import type { StreamSpec } from '../../../domain/nats/streams/streams.js';
import type { Site } from '../../site.js';
import { serverOf, wishesOf, type Wish } from './keepings.js';
import { withStreamsIfUp } from './manager.js';

/**
 * Takes messages of checks out of the streams that have kept them. Sources come before their copies, so that what is not
 * copied yet never is. @param sent subjects that no other message has
 */
export async function clearProbes(site: Site, sent: readonly string[]): Promise<void> {
  const own = wishesOf(site.scope);
  await clear(site, sent, own);
  if (!isHub(site.scope)) await clear(site.hub, sent, wishesOf(site.hub.scope));
}

async function clear(site: Site, sent: readonly string[], wishes: readonly Wish[]): Promise<void> {
  for (const wish of wishes) {
    const due = wish.wanted.flatMap((spec) => subjectsIn(spec, wishes, sent).map((subject) => ({ spec, subject })));
    if (due.length === 0) continue;
    await withStreamsIfUp(serverOf(site, wish), wish.account, async (store) => {
      for (const { spec, subject } of due) await store.purge(spec.name, subject);
    });
  }
}

/** A copy has the subjects of its source. */
function subjectsIn(spec: StreamSpec, wishes: readonly Wish[], sent: readonly string[]): string[] {
  const source = wishes.flatMap(({ wanted }) => wanted).find(({ name }) => name === spec.mirror?.name);
  const kept = (source ?? spec).subjects;
  return sent.filter((subject) => coveredBy(kept, subject));
}
