import * as wf from '@temporalio/workflow';
import { pauseSignal, resumeSignal } from '../../../contract/messages.js';
import { whenFree } from './free-id.js';
import { TOPOLOGY_KEY } from '../status/publish.js';
import type { Run } from '../run.js';
import { Turns } from './turns.js';

type Child<W extends wf.Workflow> = wf.ChildWorkflowHandle<W>;

/** Ids that a status lists. */
const MAX_LISTED = 40;
/** Failed children that a status leads to, beside those that run. */
const MAX_FAILED = 10;
/** Below the default of 3, which the run and the hub have: a status does not wait behind the tasks of hundreds of leaves. */
const LEAF_PRIORITY = { priorityKey: 4 };

/** The children of a run that each own a cluster: they pause with the run, and its status leads to them. */
export class Children {
  readonly #run: Run;
  readonly #running = new Map<string, Child<wf.Workflow>>();
  /** Children that stay in the status: the hub's, which comes first, and some that failed. */
  readonly #kept: string[];
  readonly #starts = new Turns();
  readonly #signals = new Turns();

  constructor(run: Run) {
    this.#run = run;
    this.#kept = [...run.status.children];
    run.onPause((paused) => this.tellAll((child) => child.signal(paused ? pauseSignal : resumeSignal)));
  }

  /** Signals every child that runs. */
  tellAll(tell: (child: Child<wf.Workflow>) => Promise<void>): void {
    for (const [workflowId, child] of this.#running)
      quietly(this.#signals.take(() => (this.#running.has(workflowId) ? tell(child) : Promise.resolve())));
  }

  /** Runs a child until it is done; none starts during a pause. */
  async result<W extends wf.Workflow>(workflowId: string, rules: ChildRules<W>): Promise<wf.WorkflowResultType<W>> {
    const { isHub, start } = rules;
    await wf.condition(() => !this.#run.paused);
    const options = {
      workflowId,
      parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
      typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: this.#run.status.topology }],
      ...(isHub ? {} : { priority: LEAF_PRIORITY }),
    };
    const child = await whenFree(() => this.#starts.take(() => this.#afterPause(() => start(options))));
    this.#running.set(workflowId, child);
    if (isHub) this.#kept.unshift(workflowId);
    this.#publish();
    // A pause that came while the child was being started has not reached it.
    if (this.#run.paused) quietly(child.signal(pauseSignal));
    rules.started?.(child);
    try {
      return await child.result();
    } catch (error) {
      if (!isHub && this.#kept.length <= MAX_FAILED) this.#kept.push(workflowId);
      throw error;
    } finally {
      this.#running.delete(workflowId);
      this.#publish();
    }
  }

  /** A pause may have come while the start waited for its turn. */
  #afterPause<T>(start: () => Promise<T>): Promise<T> {
    return this.#run.paused ? wf.condition(() => !this.#run.paused).then(start) : start();
  }

  #publish(): void {
    const running = [...this.#running.keys()];
    const ids = new Set([...this.#kept.slice(0, 1), ...running, ...this.#kept.slice(1)]);
    this.#run.status.children = [...ids].slice(0, MAX_LISTED);
    this.#run.publish();
  }
}

export interface ChildOptions {
  workflowId: string;
  parentClosePolicy: wf.ParentClosePolicy;
  typedSearchAttributes: { key: typeof TOPOLOGY_KEY; value: string }[];
  priority?: typeof LEAF_PRIORITY;
}

interface ChildRules<W extends wf.Workflow> {
  /** The status names the hub's child first, and always. */
  isHub: boolean;
  start: (options: ChildOptions) => Promise<Child<W>>;
  /** Called when the child can be signalled. */
  started?: (child: Child<W>) => void;
}

/** A child that has just closed needs no signal; its result says how it went. */
export function quietly(signal: Promise<void>): void {
  void signal.catch(() => undefined);
}
