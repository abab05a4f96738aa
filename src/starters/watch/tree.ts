import { PHASE_TITLES } from '../../contract/phases.js';
import type { EntryState, PhaseState } from '../../contract/status.js';
import { padEnd, widthOf, type Style } from '../terminal/style.js';
import { duration } from '../../contract/duration.js';
import { changesOf, entriesOf, type ClusterPhase, type EntryView, type PhaseView, type RunView } from './view.js';
import { approvalText } from './waiting.js';

/** The run as a tree: phases, clusters, entries. */
export interface TreeOptions {
  style: Style;
  columns: number;
  now: number;
  /** Turns the spinner; a frame number. */
  frame: number;
  /** Everything below every phase; otherwise only what runs or failed. */
  full?: boolean;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const NAME_WIDTH = 11;
const MAX_COLUMNS = 100;

export const renderTree = (run: RunView, options: TreeOptions): string[] =>
  run.phases.flatMap((phase) => [
    phaseLine(phase, options),
    ...approvalLines(phase, options),
    ...belowPhase(phase, options),
  ]);

function phaseLine(phase: PhaseView, options: TreeOptions): string {
  const { style } = options;
  const idle = phase.state === 'pending' || phase.state === 'skipped';
  const name = padEnd(phase.name, NAME_WIDTH);
  const title = PHASE_TITLES[phase.name];
  const text = idle ? style.dim(`${name}${title}`) : `${style.bold(name)}${style.dim(title)}`;
  const note = phase.endedAt === undefined ? '' : changesNote(entriesOf(phase), style);
  return line(`  ${mark(phase.state, options)} ${text}`, note, idle ? '' : timeOf(phase, options), options);
}

const changesNote = (entries: readonly EntryView[], style: Style): string => {
  const changes = changesOf(entries);
  return changes === 0 ? '' : style.dim(`${changes} changed`);
};

const approvalLines = ({ approved }: PhaseView, { style }: TreeOptions): string[] =>
  approved === undefined ? [] : [style.dim(`      ${approvalText(approved)}`)];

function belowPhase(phase: PhaseView, options: TreeOptions): string[] {
  const quiet = phase.state === 'done' && options.full !== true;
  const shown = (entry: EntryView): boolean => !quiet || entry.state === 'failed';
  return [
    ...phase.entries.filter(shown).flatMap((entry) => entryLines(entry, 6, options)),
    ...(quiet && phase.clusters.every(({ state }) => state === 'done')
      ? []
      : phase.clusters.flatMap((cluster) => clusterLines(cluster, options))),
  ];
}

function clusterLines(cluster: ClusterPhase, options: TreeOptions): string[] {
  const quiet = cluster.state === 'done' && options.full !== true;
  const note = cluster.state === 'done' ? changesNote(cluster.entries, options.style) : '';
  return [
    line(`      ${mark(cluster.state, options)} ${cluster.cluster}`, note, timeOf(cluster, options), options),
    ...(quiet ? [] : cluster.entries.flatMap((entry) => entryLines({ ...entry, host: '', cluster: '' }, 10, options))),
  ];
}

function entryLines(entry: EntryView, indent: number, options: TreeOptions): string[] {
  const place = entry.host ?? entry.cluster ?? '';
  const where = place === '' ? '' : options.style.dim(` on ${place}`);
  const text = `${' '.repeat(indent)}${mark(entry.state, options)} ${entry.title}${where}`;
  return [
    line(text, changesNote([entry], options.style), timeOf(entry, options), options),
    ...detailLines(entry, indent + 2, options),
  ];
}

function detailLines(entry: EntryView, indent: number, { style }: TreeOptions): string[] {
  const pad = ' '.repeat(indent);
  if (entry.error !== undefined) return [`${pad}${style.red(firstLine(entry.error.message))}`];
  if (entry.retry === undefined) return [];
  return [
    `${pad}${style.yellow(`attempt ${entry.retry.attempt}`)} ${style.dim(`after: ${firstLine(entry.retry.lastError)}`)}`,
  ];
}

export const firstLine = (text: string): string => text.split('\n')[0] ?? text;

function timeOf(part: { startedAt?: number; endedAt?: number }, { now }: TreeOptions): string {
  return part.startedAt === undefined ? '' : duration((part.endedAt ?? now) - part.startedAt);
}

/** Text on the left, a note and the time on the right. */
function line(text: string, note: string, time: string, { style, columns }: TreeOptions): string {
  const right = [note, style.dim(time.padStart(9))].filter((part) => part !== '').join(' ');
  const room = Math.min(columns, MAX_COLUMNS) - widthOf(right) - 1;
  return time === '' ? text : `${padEnd(text, room)} ${right}`;
}

function mark(state: EntryState | PhaseState, { style, frame }: TreeOptions): string {
  const marks: Record<EntryState | PhaseState, string> = {
    pending: style.dim('·'),
    skipped: style.dim('–'),
    waiting: style.yellow('?'),
    running: style.cyan(SPINNER[frame % SPINNER.length] ?? '*'),
    done: style.green('✔'),
    failed: style.red('✖'),
  };
  return marks[state];
}
