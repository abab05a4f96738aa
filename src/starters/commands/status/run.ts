import { provisionWorkflowId, teardownWorkflowId } from '../../../contract/names.js';
import type { LeafState, RunState } from '../../../contract/status.js';
import type { Context } from '../../context.js';
import { fromWorkflowFailure, usage } from '../../failure.js';
import { commandLine } from '../../invocation.js';
import { printData, printJson } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { comeBack } from '../../runs/conclude.js';
import { isNotFound } from '../../runs/errors.js';
import { findLatest, findRun, type FoundRun } from '../../runs/latest.js';
import { webUiOf, type Temporal } from '../../temporal/connect.js';
import { withTemporal } from '../../temporal/session.js';
import { renderError, type Shown } from '../../terminal/error.js';
import { chooseName, chooseTopology, type Choice } from '../../topologies/choose.js';
import { endingCertificates, warnOfEnding, type EndingCertificates } from '../../topologies/ending-certificates.js';
import { follow } from '../../watch/follow.js';
import { RunObserver } from '../../watch/observe.js';
import { leafTable } from './leaf-table.js';
import { renderStatus } from './output.js';

export interface StatusOptions {
  json?: boolean;
  watch?: boolean;
  state?: LeafState;
  page?: number;
}

/** Of the topology's provisioning and teardown the one that started last. */
export async function status(context: Context, choice: Choice, options: StatusOptions): Promise<number> {
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const run = await findLatest(temporal, [provisionWorkflowId(name), teardownWorkflowId(name)]);
    if (run === undefined)
      throw usage(
        `no run of topology "${name}" is known`,
        `start one: ${commandLine('provision -f <file>')}`,
        'TOPOLOGY_UNKNOWN',
      );
    const load = async () => (await chooseTopology(context, choice)).topology;
    const certificates = await endingCertificates(context, name, load);
    warnOfEnding(context, certificates);
    if (options.watch === true && run.open) await follow(context, temporal, run, comeBack(name));
    return show(context, temporal, { run, certificates }, options);
  });
}

interface Seen {
  run: FoundRun;
  certificates: EndingCertificates;
}

async function show(
  context: Context,
  temporal: Temporal,
  { run, certificates }: Seen,
  options: StatusOptions,
): Promise<number> {
  const { io, style } = context;
  const { workflowId } = run.handle;
  const view = await new RunObserver(temporal.client, workflowId).look();
  const table = await leafTable(temporal.client, view, options);
  const failure = await failureOf(temporal, run);
  if (options.json === true) printJson(io, { ...view, leafTable: table, failure, certificates });
  else {
    const drawing = { style, columns: io.stderr.columns ?? 100, now: Date.now(), frame: 0, full: true };
    printData(io, renderStatus(view, table, drawing, webUiOf(temporal, workflowId)));
    if (failure !== undefined) printData(io, renderError(failure, style));
  }
  return failure === undefined ? exitOfState(view.state) : EXIT_FAILED;
}

const exitOfState = (state: RunState): number =>
  state === 'degraded' || state === 'failed' || state === 'rejected' ? EXIT_FAILED : 0;

async function failureOf(temporal: Temporal, run: FoundRun): Promise<Shown | undefined> {
  const { workflowId } = run.handle;
  if (run.open && (await findRun(temporal, workflowId))?.open === true) return undefined;
  try {
    await temporal.client.workflow.getHandle(workflowId, run.runId).result();
    return undefined;
  } catch (error) {
    if (isNotFound(error)) throw error;
    return fromWorkflowFailure(error);
  }
}
