import { isProvisionError, ProvisionError } from '../contract/errors.js';
import type { PackedTopology } from '../contract/topology/packed-topology.js';
import { unpackTopology } from '../contract/topology/packed-topology.js';
import { hubScope, leafScope, settingsOf } from '../contract/topology/scope.js';
import { messagesHeld } from '../parts/nats/streams/messages-held.js';
import type { Ports } from '../parts/ports.js';
import { Site } from '../parts/site.js';
import { mapLimited } from '../parts/waiting/limited.js';
import { guarded, type Work } from './activity.js';
import { mustBeValid } from './input.js';

export interface FindMessagesInput {
  packed: PackedTopology;
  /** Names of leaves that are to be removed; absent: all, and the hub. */
  only?: readonly string[];
}

/** Streams that the message names. */
const MAX_NAMED = 10;

export type MessageActivities = ReturnType<typeof messageActivities>;

export const messageActivities = (ports: Ports) => ({
  /**
   * Looks for streams that a teardown would delete with their messages. Hosts that cannot be reached are not removed either.
   * @throws ProvisionError STREAMS_HOLD_MESSAGES
   */
  'look for messages in streams': guarded(async ({ packed, only }: FindMessagesInput, work) => {
    const topology = unpackTopology(packed);
    const settings = settingsOf(topology);
    const leaves = topology.leaves.filter(({ name }) => only?.includes(name) !== false);
    const scopes = [
      ...(only === undefined ? [hubScope(topology)] : []),
      ...leaves.map((leaf) => leafScope(settings, leaf)),
    ];
    for (const scope of scopes) mustBeValid({ scope });
    const held = (await mapLimited(scopes, (scope) => heldAt(new Site(ports, scope, work), work))).flat();
    if (held.length === 0) return {};
    const rest = held.length > MAX_NAMED ? `\nand ${held.length - MAX_NAMED} more` : '';
    throw new ProvisionError(
      'STREAMS_HOLD_MESSAGES',
      held.slice(0, MAX_NAMED).join('\n') + rest,
      'let their users read them, or run teardown again with --delete-data, which deletes them',
    );
  }),
});

async function heldAt(site: Site, { signal }: Work): Promise<string[]> {
  try {
    return await messagesHeld(site);
  } catch (error) {
    signal.throwIfAborted();
    if (isProvisionError(error) && error.code.startsWith('SSH_')) return [];
    // What is not known may be messages.
    throw error;
  }
}
