import type { Client } from '@temporalio/client';
import { leavesQuery, planQuery, resultsQuery, statusQuery } from '../../../src/contract/messages.js';
import { provisionWorkflowId, runPlanWorkflowId, runVerifyWorkflowId } from '../../../src/contract/names.js';
import type { Payload } from './histories.js';

/** Rows of a page, as many as there can be. */
const ROWS = { leaves: 200, plan: 50, results: 50 };

/** A query of a workflow that is over. */
export interface LastPage {
  payload: Payload;
  ms: number;
}

/** The status of a run that is over, and the last page of each query that has pages. A worker replays the whole history for each. */
export async function lastPages(client: Client, topology: string, leaves: number): Promise<LastPage[]> {
  const run = client.workflow.getHandle(provisionWorkflowId(topology));
  const plan = client.workflow.getHandle(runPlanWorkflowId(topology));
  const verify = client.workflow.getHandle(runVerifyWorkflowId(topology));
  const lastOf = (limit: number): { offset: number; limit: number } => ({ offset: Math.max(0, leaves - limit), limit });
  const pages = [
    await timed('status', () => run.query(statusQuery)),
    await timed('leaves', () => run.query(leavesQuery, lastOf(ROWS.leaves))),
    await timed('plan', () => plan.query(planQuery, lastOf(ROWS.plan))),
    await timed('results', () => verify.query(resultsQuery, lastOf(ROWS.results))), // only of unchanged leaves
  ];
  return pages.filter((page) => page !== undefined);
}

async function timed(name: string, ask: () => Promise<unknown>): Promise<LastPage | undefined> {
  const began = performance.now();
  try {
    const bytes = JSON.stringify(await ask()).length;
    return { payload: { bytes, at: `query ${name}` }, ms: performance.now() - began };
  } catch {
    return undefined;
  }
}
