import type { RunState } from '../../../contract/status.js';
import { commandLine } from '../../invocation.js';
import { checksText, renderFailedChecks } from '../../terminal/checks.js';
import type { Style } from '../../terminal/style.js';
import { countLeaves, renderLeaves } from '../../watch/fleet.js';
import { renderTree, type TreeOptions } from '../../watch/tree.js';
import { isFleet, type RunView } from '../../watch/view.js';
import { refusalText, renderWaiting } from '../../watch/waiting.js';
import type { LeafTable } from './leaf-table.js';

/** The whole status of a run; of a fleet, the hub and a table of leaves. */
export function renderStatus(
  view: RunView,
  table: LeafTable | undefined,
  options: TreeOptions,
  webUi: string | undefined,
): string {
  const { style } = options;
  return [
    `${style.bold(view.topology)} ${paintState(view.state, style)} ${style.dim(webUi ?? view.workflowId)}`,
    ...renderTree(view, options),
    ...leafLines(view, table, options),
    ...checkLines(view, style),
    ...(isFleet(view) ? [] : failedLeafLines(view, style)),
    ...view.refusals.map((refusal) => style.yellow(refusalText(refusal))),
    ...(view.waitingFor === undefined ? [] : ['', ...renderWaiting(view, style)]),
  ].join('\n');
}

function leafLines(view: RunView, table: LeafTable | undefined, { style, now }: TreeOptions): string[] {
  const { leaves, topology, clusters } = view;
  if (leaves === undefined || (table === undefined && !isFleet(view))) return [];
  const rows = table === undefined || table.rows.length === 0 ? [] : renderLeaves(table.rows, clusters, { style, now });
  return ['', countLeaves(leaves, style), ...rows, style.dim(tableHint(topology, table))];
}

function tableHint(topology: string, table: LeafTable | undefined): string {
  if (table?.page === undefined)
    return `every leaf: ${commandLine(`status ${topology} --page 1`)}; only some: --state failed`;
  const { number, of, state } = table.page;
  const filter = state === undefined ? '' : ` --state ${state}`;
  const next = number < of ? `; next: ${commandLine(`status ${topology}${filter} --page ${number + 1}`)}` : '';
  return `page ${number} of ${of}${next}`;
}

const checkLines = ({ checks, failedChecks }: RunView, style: Style): string[] =>
  checks === undefined ? [] : ['', `checks: ${checksText(checks)}`, ...renderFailedChecks(failedChecks, style)];

const failedLeafLines = ({ failedLeaves }: RunView, style: Style): string[] =>
  failedLeaves.flatMap(({ cluster, error }) =>
    error === undefined ? [] : [style.red(`leaf ${cluster} failed: ${error.message}`)],
  );

function paintState(state: RunState, style: Style): string {
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
