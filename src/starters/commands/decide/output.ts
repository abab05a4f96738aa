import type { Client } from '@temporalio/client';
import type { PlanSummary } from '../../../contract/runs.js';
import { allOf, planPages } from '../../runs/pages.js';
import { countText, renderClusterPlan, renderPlanCounts, warningLines } from '../../terminal/plan.js';
import type { Style } from '../../terminal/style.js';

/** Up to so many steps are shown one by one; more are counted by cluster. */
const FEW_STEPS = 40;

/** The plan that a person is about to approve. */
export async function planToApprove(
  client: Client,
  planWorkflowId: string,
  style: Style,
): Promise<{ digest: string; lines: string[] }> {
  const handle = client.workflow.getHandle<() => Promise<PlanSummary>>(planWorkflowId);
  const summary = await handle.result();
  const { counts, clusters, digest } = summary;
  const few = counts.create + counts.change + counts.delete <= FEW_STEPS;
  const details = few
    ? (await allOf(planPages(client, handle, summary))).flatMap((plan) => [renderClusterPlan(plan, style), ''])
    : [renderPlanCounts(clusters, style), ''];
  const warnings = warningLines(summary, style);
  return { digest, lines: [...details, ...warnings, `plan ${style.bold(digest.slice(0, 8))}: ${countText(counts)}`] };
}
