import type { Client } from '@temporalio/client';
import { ProvisionError } from '../../contract/errors.js';
import { isNotFound } from '../runs/errors.js';

/** Days for which the embedded server keeps a run that is over; its own default is one. */
const KEPT_DAYS = 30;
const DAY_SECONDS = 86_400;

/** Every call would fail with it, each in its own words. @throws ProvisionError TEMPORAL_REFUSED */
export async function refuseUnknownNamespace(
  client: Client,
  { namespace, address }: { namespace: string; address: string },
): Promise<void> {
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    // Whoever may not look at a namespace may still use it.
    if (!isNotFound(error)) return;
    throw new ProvisionError(
      'TEMPORAL_REFUSED',
      `the Temporal server at ${address} has no namespace "${namespace}"`,
      `correct TEMPORAL_NAMESPACE or the profile, or create it: temporal operator namespace create -n ${namespace} --retention ${KEPT_DAYS}d --address ${address}`,
    );
  }
}

/** What a run did, and who approved it, is to be seen for longer than a day. */
export async function keepHistories(client: Client, namespace: string): Promise<void> {
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const kept = config?.workflowExecutionRetentionTtl?.seconds;
  const wanted = KEPT_DAYS * DAY_SECONDS;
  if (kept === undefined || kept === null || kept.greaterThanOrEqual(wanted)) return;
  // Its numbers are of a class that is the client's own.
  const seconds = kept.add(wanted).subtract(kept);
  await client.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: { seconds } },
  });
}
