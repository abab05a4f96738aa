import type { LeafCounts, LeafRow, LeafState } from '../../contract/status.js';
import type { Style } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { duration } from '../../contract/duration.js';
import { firstLine } from './tree.js';
import { LEAF_STATES, type ClusterProgress, type RunView } from './view.js';

const HEAD = ['LEAF', 'STATE', 'TIME', 'CHANGED', ''];
const MAX_NOW = 60;

/** `1000 leaves: 3 failed, 20 running, 377 pending, 600 done`. */
export const countLeaves = (leaves: LeafCounts, style: Style): string =>
  `${leaves.total} ${leaves.total === 1 ? 'leaf' : 'leaves'}: ${leafStates(leaves, style)}`;

export const leafStates = (leaves: LeafCounts, style: Style): string =>
  LEAF_STATES.filter((state) => leaves[state] > 0)
    .map((state) => paintLeaf(state, `${leaves[state]} ${state}`, style))
    .join(', ');

/** A row for each leaf, with what it does at the moment or why it failed. */
export function renderLeaves(
  rows: readonly LeafRow[],
  progress: readonly ClusterProgress[],
  { style, now }: { style: Style; now: number },
): string[] {
  const doing = new Map(progress.map((cluster) => [cluster.cluster, cluster]));
  const cells = rows.map((row) => [
    row.cluster,
    paintLeaf(row.state, row.state, style),
    row.startedAt === undefined ? '' : duration((row.endedAt ?? now) - row.startedAt),
    row.changed === undefined ? '' : String(row.changed),
    style.dim(short(whatOf(row, doing.get(row.cluster)))),
  ]);
  return renderTable(HEAD, cells, style).split('\n');
}

function whatOf({ error, failedChecks = 0, state }: LeafRow, progress: ClusterProgress | undefined): string {
  if (error !== undefined) return `${error.message} (${error.code})`;
  if (failedChecks > 0) return `${failedChecks} failed ${failedChecks === 1 ? 'check' : 'checks'}`;
  if (state !== 'running' || progress?.now === undefined) return '';
  const { title, retry } = progress.now;
  return retry === undefined ? title : `${title}, attempt ${retry.attempt} after: ${retry.lastError}`;
}

function short(text: string): string {
  const first = firstLine(text);
  return first.length <= MAX_NOW ? first : `${first.slice(0, MAX_NOW - 1)}…`;
}

function paintLeaf(state: LeafState, text: string, style: Style): string {
  const paints: Record<LeafState, (text: string) => string> = {
    failed: style.red,
    running: style.cyan,
    pending: style.dim,
    done: style.green,
    unchanged: style.green,
    skipped: style.yellow,
  };
  return paints[state](text);
}

/** Of a fleet: its failed leaves, then those that run. */
export const openLeaves = ({ failedLeaves, leafRows }: Pick<RunView, 'failedLeaves' | 'leafRows'>): LeafRow[] => [
  ...failedLeaves,
  ...leafRows,
];
