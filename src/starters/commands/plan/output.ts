import type { ClusterPlan } from '../../../contract/plan.js';
import type { PlanSummary } from '../../../contract/runs.js';
import type { Context } from '../../context.js';
import { printData, printJson } from '../../io.js';
import { allOf } from '../../runs/pages.js';
import { renderClusterPlan, renderPlanSummary } from '../../terminal/plan.js';

/** The steps of every cluster page by page, then the sum. */
export async function printPlan(
  { io, style }: Pick<Context, 'io' | 'style'>,
  summary: PlanSummary,
  pages: AsyncIterable<readonly ClusterPlan[]>,
  json: boolean,
): Promise<void> {
  if (json) {
    printJson(io, { ...summary, plans: await allOf(pages) });
    return;
  }
  for await (const page of pages) for (const plan of page) printData(io, `${renderClusterPlan(plan, style)}\n\n`);
  printData(io, renderPlanSummary(summary, style));
}
