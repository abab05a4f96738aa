import { ProvisionError } from '../../../contract/errors.js';
import type { Step } from '../../../contract/plan.js';
import { counted } from '../../../domain/checks/counted.js';
import { streamObject } from '../../../domain/nats/streams/streams.js';
import { formerStreams, heldIn, type StreamHeld } from '../../../domain/nats/streams/jsz.js';
import { touching } from '../../part.js';
import type { Site } from '../../site.js';
import { withStreams } from './manager.js';
import { seeJsz } from './messages-held.js';

/**
 * Streams of accounts that a running NATS server has and the topology does not. Without its account a stream is out of reach,
 * so it goes first. @throws ProvisionError STREAMS_HOLD_MESSAGES unless the user said that they may go
 */
export async function seeFormerStreams(site: Site): Promise<StreamHeld[]> {
  const { nats, deleteData } = site.scope.settings;
  if (nats.accounts === undefined) return [];
  const former = formerStreams((await seeJsz(site)) ?? {}, nats.accounts);
  const held = heldIn(former);
  if (held.length === 0 || deleteData === true) return former;
  throw new ProvisionError(
    'STREAMS_HOLD_MESSAGES',
    `the topology does not have the account: ${held.join(', ')}`,
    'put the account back, or say --delete-data',
    { host: site.host.name, cluster: site.cluster },
  );
}

export const takeOut = (former: readonly StreamHeld[]): Step[] =>
  former.map(({ account, name, messages }) => ({
    verb: 'delete',
    object: streamObject(account, name),
    because: `the topology does not have the account, and it holds ${messages === 0 ? 'no messages' : counted(messages, 'message')}`,
  }));

/** A stream goes without its server. */
export const endsPod = ({ verb, object }: Step): boolean => verb === 'delete' && !object.startsWith('stream ');

/** While the server still has the account. */
export async function removeFormerStreams(
  site: Site,
  steps: readonly Step[],
  former: readonly StreamHeld[],
): Promise<void> {
  for (const { account, name } of former)
    if (touching(steps, streamObject(account, name)) !== undefined)
      await withStreams(site, account, (store) => store.remove(name));
}
