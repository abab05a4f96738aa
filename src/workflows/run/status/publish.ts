import * as wf from '@temporalio/workflow';
import { searchAttributeKey, SEARCH_ATTRIBUTES } from '../../../contract/names.js';
import type { RunState, RunStatus } from '../../../contract/status.js';
import { renderDetails } from './details.js';

/** Set by the client for a run, and by the run for its children. */
export const TOPOLOGY_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.topology);
const PHASE_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.phase);
const STATE_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.state);

/** Shows the status in the Web UI. */
export class Publisher {
  #published: { state?: RunState; phase?: string | undefined } = {};

  /** Details are free; a search attribute costs an event in the history, so it is written only when it changes. */
  publish(status: RunStatus, phase: string | undefined = this.#published.phase): void {
    wf.setCurrentDetails(renderDetails(status));
    const { state } = status;
    if (state === this.#published.state && phase === this.#published.phase) return;
    this.#published = { state, phase };
    wf.upsertSearchAttributes([
      { key: STATE_KEY, value: state },
      ...(phase === undefined ? [] : [{ key: PHASE_KEY, value: phase }]),
    ]);
  }
}
