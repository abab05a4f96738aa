import type { RunState } from '../../contract/status.js';
import type { RunView } from '../runs/view.js';
import { countChecks, renderFailedChecks } from './checks.js';
import type { Style } from './style.js';
import { renderTree, type TreeOptions } from './tree.js';
import { renderWaiting } from './waiting.js';

/** The whole status of a run, for `status`. */
export function renderStatus(view: RunView, options: TreeOptions, webUi: string | undefined): string {
  const { style } = options;
  const { checks } = view;
  return [
    `${style.bold(view.topology)} ${paintState(view.state, style)} ${style.dim(webUi ?? view.workflowId)}`,
    ...renderTree(view, options),
    ...(checks.length === 0 ? [] : ['', `checks: ${countChecks(checks)}`, ...renderFailedChecks(checks, style)]),
    ...view.failedLeaves.map(({ cluster, error }) => style.red(`leaf ${cluster} dropped out: ${error.message}`)),
    ...view.refusals.map(({ phase, by, because }) =>
      style.yellow(`decision about ${phase} by ${by} was not taken: ${because}`),
    ),
    ...(view.waitingFor === undefined ? [] : ['', ...renderWaiting(view, style)]),
  ].join('\n');
}

export function paintState(state: RunState, style: Style): string {
  const paints: Record<RunState, (text: string) => string> = {
    running: style.cyan,
    waiting: style.yellow,
    paused: style.yellow,
    done: style.green,
    degraded: style.yellow,
    failed: style.red,
    rejected: style.red,
  };
  return paints[state](state);
}
