import * as wf from '@temporalio/workflow';
import { progressSignal, reportSignal, type Report } from '../../../contract/messages.js';
import type { PhaseName } from '../../../contract/phases.js';
import type { ClusterInput } from '../../../contract/runs.js';

/** Stands for all parts of the hub in `hubParts`. */
export const WHOLE_HUB = '(hub)';

/** What a cluster's child knows of the run around it: the gates that are open and what is in place on the hub. */
export class Progress {
  readonly #gated: ReadonlySet<PhaseName>;
  readonly #open: Set<PhaseName>;
  readonly #hubParts: Set<string>;

  constructor({ gated, openGates, hubParts }: Pick<ClusterInput, 'gated' | 'openGates' | 'hubParts'>) {
    this.#gated = new Set(gated);
    this.#open = new Set(openGates);
    this.#hubParts = new Set(hubParts);
    wf.setHandler(progressSignal, ({ openGates: more = [], hubParts: parts = [] }) => {
      for (const phase of more) this.#open.add(phase);
      for (const part of parts) this.#hubParts.add(part);
    });
  }

  isOpen(phase: PhaseName): boolean {
    return !this.#gated.has(phase) || this.#open.has(phase);
  }

  hasHubPart(part: string): boolean {
    return this.#hubParts.has(part) || this.#hubParts.has(WHOLE_HUB);
  }
}

/** Reports to the run that started this child. */
export async function report(message: Report): Promise<void> {
  const { parent } = wf.workflowInfo();
  if (parent !== undefined) await wf.getExternalWorkflowHandle(parent.workflowId).signal(reportSignal, message);
}
