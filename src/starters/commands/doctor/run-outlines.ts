import type { PayloadCodec } from '@temporalio/common';
import { messageOfFailure, type Failure } from '../../../codec/failure-message.js';
import { messageOf, textOf } from '../../../contract/caught.js';
import { cut, printable } from '../../../contract/printable.js';
import { provisionWorkflowId, teardownWorkflowId, verifyWorkflowId } from '../../../contract/names.js';
import { redact } from '../../../domain/secrets/redact.js';
import type { Context } from '../../context.js';
import { findRun } from '../../runs/latest.js';
import { connect, runningTemporal, type Temporal } from '../../temporal/connect.js';

/** Characters of one outline, and of what an event says. */
const MAX_CHARS = 40_000;
const MAX_SAID = 300;

/** Of the latest runs of a topology, event by event and without payloads; a server that does not run is not started. */
export async function runOutlines(context: Context, topology: string): Promise<string[]> {
  try {
    const target = await runningTemporal(context);
    if (target === undefined) return ['no Temporal server runs'];
    const temporal = await connect(target, context.settings);
    try {
      const ids = [provisionWorkflowId(topology), verifyWorkflowId(topology), teardownWorkflowId(topology)];
      return (await Promise.all(ids.map((id) => outlineOf(temporal, id)))).flat();
    } finally {
      await temporal.close();
    }
  } catch (error) {
    return [`no runs: ${redact(messageOf(error))}`];
  }
}

async function outlineOf(temporal: Temporal, id: string): Promise<string[]> {
  const found = await findRun(temporal, id);
  if (found === undefined) return [];
  const { events = [] } = await found.handle.fetchHistory();
  const { payloadCodecs } = temporal.client.options.loadedDataConverter;
  const lines = (events ?? []).map(async (event) => {
    const seconds = Number(event.eventTime?.seconds ?? 0);
    const [name = '?', attributes] =
      Object.entries(event).find(([key, value]) => key.endsWith('Attributes') && value !== null) ?? [];
    return [
      new Date(seconds * 1_000).toISOString(),
      name.replace(/EventAttributes$/, ''),
      ...(await saidBy(attributes, payloadCodecs)),
    ].join(' ');
  });
  return [cut([id, ...(await Promise.all(lines))].map((line) => printable(redact(line))).join('\n'), MAX_CHARS)];
}

/** The activity's id, and why something failed. */
async function saidBy(attributes: unknown, codecs: readonly PayloadCodec[]): Promise<string[]> {
  const [activity, failure] = [textOf(attributes, 'activityId'), await failureIn(attributes, codecs)];
  return [activity, failure?.slice(0, MAX_SAID)].filter((text) => text !== undefined);
}

async function failureIn(attributes: unknown, codecs: readonly PayloadCodec[]): Promise<string | undefined> {
  if (typeof attributes !== 'object' || attributes === null || !('failure' in attributes)) return undefined;
  // One of an event is what Temporal's protocol says.
  return attributes.failure === null ? undefined : messageOfFailure(attributes.failure as Failure, codecs);
}
