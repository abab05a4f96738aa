import { ProvisionError } from '../../../contract/errors.js';
import { provisionWorkflowId, teardownWorkflowId } from '../../../contract/names.js';
import type { LeafRow } from '../../../contract/status.js';
import type { Topology } from '../../../contract/topology/topology.js';
import type { ReportedRun } from '../../../report/report.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { say } from '../../io.js';
import { findLatest } from '../../runs/latest.js';
import { leafPage } from '../../runs/pages.js';
import { connect, runningTemporal, type Temporal } from '../../temporal/connect.js';
import { ensureWorker } from '../../temporal/worker.js';
import { RunObserver } from '../../watch/observe.js';
import { isFleet, type RunView } from '../../watch/view.js';
import { barsOf } from './bars.js';

/**
 * The run that `status` shows; undefined: there was none. No server is started for it.
 * @throws ProvisionError when the server cannot be asked
 */
export async function lastRun(context: Context, topology: Topology): Promise<ReportedRun | undefined> {
  const { name } = topology;
  const target = await runningTemporal(context);
  if (target === undefined)
    throw new ProvisionError(
      'TEMPORAL_UNREACHABLE',
      `no Temporal server runs here; start it with: ${commandLine(`status ${name}`)}`,
      'start it',
    );
  const temporal = await connect(target, context.settings);
  try {
    const run = await findLatest(temporal, [provisionWorkflowId(name), teardownWorkflowId(name)]);
    if (run === undefined) return undefined;
    await ensureWorker(context.settings, temporal, (text) => say(context.io, text));
    const view = await new RunObserver(temporal.client, run.handle.workflowId).look();
    return barsOf(view, topology, await leavesOf(temporal, view));
  } finally {
    await temporal.close();
  }
}

const ROWS_PER_PAGE = 200;

/** Of a fleet one bar a leaf; of a small system the steps of each are known. */
async function leavesOf({ client }: Temporal, view: RunView): Promise<LeafRow[]> {
  if (!isFleet(view)) return [];
  const handle = client.workflow.getHandle(view.workflowId);
  const rows: LeafRow[] = [];
  for (;;) {
    const page = await leafPage(client, handle, { offset: rows.length, limit: ROWS_PER_PAGE });
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}
