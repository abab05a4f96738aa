import type { Client } from '@temporalio/client';
import type { LeafRow, LeafState } from '../../../contract/status.js';
import { leafPage } from '../../runs/pages.js';
import { openLeaves } from '../../watch/fleet.js';
import { isFleet, type RunView } from '../../watch/view.js';

const ROWS_PER_PAGE = 25;

/** Some rows of the table of leaves, and which they are. */
export interface LeafTable {
  rows: readonly LeafRow[];
  /** Absent: the leaves that failed or run, not a page of the table. */
  page?: { number: number; of: number; state?: LeafState };
}

/**
 * The page that was asked for. Without a question: of a fleet the leaves that failed or run, of a small system none, since
 * its tree shows them all.
 */
export async function leafTable(
  client: Client,
  view: RunView,
  { state, page }: { state?: LeafState; page?: number },
): Promise<LeafTable | undefined> {
  if (state === undefined && page === undefined)
    return isFleet(view) ? { rows: openLeaves(view).slice(0, ROWS_PER_PAGE) } : undefined;
  const number = page ?? 1;
  const some = state === undefined ? {} : { state };
  const handle = client.workflow.getHandle(view.workflowId);
  const request = { offset: (number - 1) * ROWS_PER_PAGE, limit: ROWS_PER_PAGE, ...some };
  const { total, rows } = await leafPage(client, handle, request);
  return { rows, page: { number, of: Math.max(1, Math.ceil(total / ROWS_PER_PAGE)), ...some } };
}
