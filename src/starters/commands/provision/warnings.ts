import { runPlanWorkflowId } from '../../../contract/names.js';
import type { PlanSummary } from '../../../contract/runs.js';
import type { Context } from '../../context.js';
import { say } from '../../io.js';
import { findRun } from '../../runs/latest.js';
import type { Temporal } from '../../temporal/connect.js';
import { warningLines } from '../../terminal/plan.js';

/** After a failure: what the run's own plan warned of may be the cause. */
export async function repeatWarnings({ io, style }: Context, temporal: Temporal, topology: string): Promise<void> {
  const planned = await findRun(temporal, runPlanWorkflowId(topology));
  if (planned === undefined || planned.open) return;
  // A plan that failed has said all that it knew.
  const summary = await (planned.handle.result() as Promise<PlanSummary>).catch(() => undefined);
  const lines = summary === undefined ? [] : warningLines(summary, style);
  if (lines.length > 0) say(io, ['', ...lines].join('\n').trimEnd());
}
