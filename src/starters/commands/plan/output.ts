import type { ClusterPlan } from '../../../contract/plan.js';
import type { PlanSummary } from '../../../contract/runs.js';
import type { EndingCertificates } from '../../topologies/ending-certificates.js';
import type { Context } from '../../context.js';
import { printData, printJson } from '../../io.js';
import { allOf } from '../../runs/pages.js';
import { renderClusterPlan, renderPlanSummary } from '../../terminal/plan.js';

/** The steps, then the sum. Of a plan too large to travel as one, people see the first page: each costs a replay. */
export async function printPlan(
  { io, style }: Pick<Context, 'io' | 'style'>,
  summary: PlanSummary & { certificates?: EndingCertificates },
  pages: AsyncIterable<readonly ClusterPlan[]>,
  json: boolean,
): Promise<void> {
  if (json) {
    printJson(io, { ...summary, plans: await allOf(pages) });
    return;
  }
  const shown = await firstOf(pages);
  for (const plan of shown) printData(io, `${renderClusterPlan(plan, style)}\n\n`);
  const more = summary.clusters.length - shown.length;
  if (more > 0)
    printData(io, `${style.dim(`and ${more} more clusters; every step of one: --only <leaf>; of all: --json`)}\n\n`);
  printData(io, renderPlanSummary(summary, style));
}

async function firstOf(pages: AsyncIterable<readonly ClusterPlan[]>): Promise<readonly ClusterPlan[]> {
  for await (const page of pages) return page;
  return [];
}
