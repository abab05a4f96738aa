import { ProvisionError } from '../../contract/errors.js';
import { provisionWorkflowId, teardownWorkflowId } from '../../contract/names.js';
import { commandLine } from '../invocation.js';
import type { Temporal } from '../temporal/connect.js';
import { awaitEnd } from './await-end.js';
import { findLatest, findRun, type FoundRun } from './latest.js';

type Client = Pick<Temporal, 'client'>;

/** Building and removing must not work side by side. @throws ProvisionError RUN_IN_PROGRESS */
export async function refuseDuringTeardown(temporal: Client, topology: string): Promise<void> {
  if ((await findRun(temporal, teardownWorkflowId(topology)))?.open === true) throw tornDown(topology);
}

/** @throws ProvisionError RUN_IN_PROGRESS */
export async function refuseDuringProvision(temporal: Client, topology: string): Promise<void> {
  if ((await findRun(temporal, provisionWorkflowId(topology)))?.open === true) throw provisioned(topology);
}

/**
 * For a run that has just started. Between the look above and the start the other may have started too, so each looks
 * again: the one that the server started later is cancelled, while it still looks at hosts. @throws ProvisionError RUN_IN_PROGRESS
 */
export async function giveWay(temporal: Client, topology: string, to: 'provision' | 'teardown'): Promise<void> {
  const ids = [provisionWorkflowId(topology), teardownWorkflowId(topology)] as const;
  const [provision, teardown] = await Promise.all(ids.map((id) => findRun(temporal, id)));
  if (provision?.open !== true || teardown?.open !== true) return;
  const isFirst = provision.startedAt < teardown.startedAt ? to === 'teardown' : to === 'provision';
  if (isFirst) return;
  await (to === 'teardown' ? provision : teardown).handle.cancel();
  throw to === 'teardown' ? tornDown(topology) : provisioned(topology);
}

const tornDown = (topology: string): ProvisionError =>
  inProgress(`topology "${topology}" is being torn down`, commandLine(`status ${topology} --watch`));

const provisioned = (topology: string): ProvisionError =>
  inProgress(
    `topology "${topology}" is being provisioned`,
    `${commandLine(`status ${topology} --watch`)}; or cancel it first: ${commandLine(`teardown ${topology} --cancel-run`)}`,
  );

const inProgress = (message: string, wait: string): ProvisionError =>
  new ProvisionError('RUN_IN_PROGRESS', message, `wait until it has stopped: ${wait}`);

/** The provisioning run that is in progress. @throws ProvisionError NO_RUN_IN_PROGRESS */
export async function openProvision(temporal: Temporal, topology: string): Promise<FoundRun> {
  const run = await findRun(temporal, provisionWorkflowId(topology));
  if (run?.open === true) return run;
  throw noRun(topology);
}

/** The provisioning run or teardown that is in progress. @throws ProvisionError NO_RUN_IN_PROGRESS */
export async function openRun(temporal: Temporal, topology: string): Promise<FoundRun> {
  const run = await findLatest(temporal, [provisionWorkflowId(topology), teardownWorkflowId(topology)]);
  if (run?.open === true) return run;
  throw noRun(topology);
}

const noRun = (topology: string): ProvisionError =>
  new ProvisionError(
    'NO_RUN_IN_PROGRESS',
    `no run of topology "${topology}" is in progress`,
    `see the last one: ${commandLine(`status ${topology}`)}`,
  );

/** Cancels a run and waits until it has stopped; returns whether it was still in progress. */
export async function cancelRun(
  temporal: Temporal,
  { handle, runId }: FoundRun,
  signal: AbortSignal,
): Promise<boolean> {
  await handle.cancel();
  const outcome = await awaitEnd(temporal, handle.workflowId, runId, signal);
  return outcome?.ok === false;
}
