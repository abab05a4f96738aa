import { provisionWorkflowId, teardownWorkflowId } from '../../contract/names.js';
import type { RunState } from '../../contract/status.js';
import type { Context } from '../context.js';
import { printData, printJson } from '../io.js';
import { renderStatus } from '../render/status.js';
import { comeBack } from '../runs/conclude.js';
import { isNotFound } from '../runs/faults.js';
import { follow } from '../runs/follow.js';
import { findLatest, type FoundRun } from '../runs/latest.js';
import { RunObserver } from '../runs/observe.js';
import { fromWorkflowFailure, usage } from '../failure.js';
import { renderError } from '../render/error.js';
import { webUiOf, type Temporal } from '../temporal/connect.js';
import { withTemporal } from '../temporal/session.js';
import { chooseName, type Choice } from '../topologies/choose.js';

export interface StatusOptions {
  json?: boolean;
  watch?: boolean;
}

/** Of the topology's provisioning and teardown the one that started last. */
export async function status(context: Context, choice: Choice, options: StatusOptions): Promise<number> {
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const run = await findLatest(temporal, [provisionWorkflowId(name), teardownWorkflowId(name)]);
    if (run === undefined)
      throw usage(
        `no run of topology "${name}" is known`,
        'start one: npm run start -- provision -f <file>',
        'TOPOLOGY_UNKNOWN',
      );
    if (options.watch === true && run.open) await follow(context, temporal, run, comeBack(name));
    return show(context, temporal, run, options);
  });
}

async function show(context: Context, temporal: Temporal, run: FoundRun, { json }: StatusOptions): Promise<number> {
  const { io, style } = context;
  const { workflowId } = run.handle;
  const view = await new RunObserver(temporal.client, workflowId, run.runId).look();
  const failure = await failureOf(run);
  if (json === true) printJson(io, { ...view, ...(failure === undefined ? {} : { failure }) });
  else {
    const webUi = webUiOf(temporal, workflowId);
    const columns = io.stderr.columns ?? 100;
    printData(io, renderStatus(view, { style, columns, now: Date.now(), frame: 0, full: true }, webUi));
    if (failure !== undefined) printData(io, renderError(failure, style));
  }
  return failure === undefined ? exitOfState(view.state) : 1;
}

const exitOfState = (state: RunState): number => (['degraded', 'failed', 'rejected'].includes(state) ? 1 : 0);

async function failureOf(run: FoundRun): Promise<ReturnType<typeof fromWorkflowFailure> | undefined> {
  const { open } = run.open ? await run.refresh() : run;
  if (open) return undefined;
  try {
    await run.handle.result();
    return undefined;
  } catch (error) {
    if (isNotFound(error)) throw error;
    return fromWorkflowFailure(error);
  }
}
