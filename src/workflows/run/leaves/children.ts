import * as wf from '@temporalio/workflow';
import { pauseSignal, resumeSignal } from '../../../contract/messages.js';
import { whenFree } from './free-id.js';
import { TOPOLOGY_KEY } from '../status/publish.js';
import type { Run } from '../run.js';

type Child<W extends wf.Workflow> = wf.ChildWorkflowHandle<W>;

/** Ids that a status lists. */
const MAX_LISTED = 40;
/** Failed children that a status leads to, beside those that run. */
const MAX_FAILED = 10;

/** The children of a run that each own a cluster: they pause with the run, and its status leads to them. */
export class Children {
  readonly #run: Run;
  readonly #running = new Map<string, Child<wf.Workflow>>();
  /** Children that stay in the status: the hub's, which comes first, and some that failed. */
  readonly #kept: string[];

  constructor(run: Run) {
    this.#run = run;
    this.#kept = [...run.status.children];
    run.onPause((paused) => this.tellAll((child) => child.signal(paused ? pauseSignal : resumeSignal)));
  }

  /** Signals every child that runs. */
  tellAll(tell: (child: Child<wf.Workflow>) => Promise<void>): void {
    for (const child of this.#running.values()) quietly(tell(child));
  }

  /** Runs a child until it is done; none starts during a pause. */
  async result<W extends wf.Workflow>(workflowId: string, rules: ChildRules<W>): Promise<wf.WorkflowResultType<W>> {
    const { isHub, start } = rules;
    await wf.condition(() => !this.#run.paused);
    const options = {
      workflowId,
      parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
      typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: this.#run.status.topology }],
    };
    const child = await whenFree(() => start(options));
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
