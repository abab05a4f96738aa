import { PHASE_TITLES } from '../../contract/phases.js';
import type { PhaseState, StepState } from '../../contract/status.js';
import { changesOf, stepsOf, type ClusterView, type PhaseView, type RunView, type StepView } from '../runs/view.js';
import { padEnd, widthOf, type Style } from './style.js';
import { duration } from './time.js';
import { approvalText } from './waiting.js';

/** The run as a tree: phases, clusters, steps. */
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

/** Above this many clusters in one phase only those that run or failed are listed. */
const MANY_CLUSTERS = 4;
const MAX_LISTED = 8;

export function renderTree(run: RunView, options: TreeOptions): string[] {
  return run.phases.flatMap((phase) => [
    phaseLine(phase, options),
    ...approvalLines(phase, options),
    ...belowPhase(phase, options),
  ]);
}

function phaseLine(phase: PhaseView, options: TreeOptions): string {
  const { style } = options;
  const idle = phase.state === 'pending' || phase.state === 'skipped';
  const name = padEnd(phase.name, NAME_WIDTH);
  const title = PHASE_TITLES[phase.name];
  const text = idle ? style.dim(`${name}${title}`) : `${style.bold(name)}${style.dim(title)}`;
  const changes = changesOf(stepsOf(phase));
  const note = changes > 0 && phase.endedAt !== undefined ? style.dim(`${changes} changed`) : '';
  return line(`  ${mark(phase.state, options)} ${text}`, note, timeOf(phase, options), options);
}

const approvalLines = ({ approved }: PhaseView, { style }: TreeOptions): string[] =>
  approved === undefined ? [] : [style.dim(`      ${approvalText(approved)}`)];

function belowPhase(phase: PhaseView, options: TreeOptions): string[] {
  const quiet = phase.state === 'done' && options.full !== true;
  const shown = (step: StepView): boolean => !quiet || step.state === 'failed';
  return [
    ...phase.steps.filter(shown).flatMap((step) => stepLines(step, 6, options)),
    ...(quiet && phase.clusters.every((cluster) => cluster.state === 'done') ? [] : clusterLines(phase, options)),
  ];
}

function clusterLines({ clusters }: PhaseView, options: TreeOptions): string[] {
  if (options.full === true || clusters.length <= MANY_CLUSTERS)
    return clusters.flatMap((cluster) => oneCluster(cluster, options));
  const open = clusters.filter((cluster) => cluster.state !== 'done');
  const listed = open.slice(0, MAX_LISTED);
  const done = clusters.length - open.length;
  const more = open.length > listed.length ? `, ${open.length - listed.length} more at work` : '';
  return [
    options.style.dim(`      ${done} of ${clusters.length} clusters done${more}`),
    ...listed.flatMap((cluster) => clusterSummary(cluster, options)),
  ];
}

function oneCluster(cluster: ClusterView, options: TreeOptions): string[] {
  const steps = cluster.state === 'done' && options.full !== true ? [] : cluster.steps;
  const changes = changesOf(cluster.steps);
  const note = changes > 0 && cluster.state === 'done' ? options.style.dim(`${changes} changed`) : '';
  return [
    line(`      ${mark(cluster.state, options)} ${cluster.cluster}`, note, timeOf(cluster, options), options),
    ...steps.flatMap((step) => stepLines({ ...step, host: '' }, 10, options)),
  ];
}

/** A cluster among many: one line, with what it is at. */
function clusterSummary(cluster: ClusterView, options: TreeOptions): string[] {
  const at = cluster.steps.findLast((step) => step.state !== 'done');
  const doing = at === undefined ? '' : options.style.dim(`  ${at.title}`);
  return [
    line(`      ${mark(cluster.state, options)} ${cluster.cluster}${doing}`, '', timeOf(cluster, options), options),
    ...(at === undefined ? [] : detailLines(at, 10, options)),
  ];
}

function stepLines(step: StepView, indent: number, options: TreeOptions): string[] {
  const place = step.host ?? step.cluster ?? '';
  const where = place === '' ? '' : options.style.dim(` on ${place}`);
  const changes = step.changed?.length ?? 0;
  const note = changes > 0 ? options.style.dim(`${changes} changed`) : '';
  return [
    line(
      `${' '.repeat(indent)}${mark(step.state, options)} ${step.title}${where}`,
      note,
      timeOf(step, options),
      options,
    ),
    ...detailLines(step, indent + 2, options),
  ];
}

function detailLines(step: StepView, indent: number, { style }: TreeOptions): string[] {
  const pad = ' '.repeat(indent);
  if (step.error !== undefined) return [`${pad}${style.red(firstLine(step.error.message))}`];
  if (step.retry === undefined) return [];
  return [
    `${pad}${style.yellow(`attempt ${step.retry.attempt}`)} ${style.dim(`after: ${firstLine(step.retry.lastError)}`)}`,
  ];
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

function timeOf(part: { startedAt?: number; endedAt?: number }, { now }: TreeOptions): string {
  return part.startedAt === undefined ? '' : duration((part.endedAt ?? now) - part.startedAt);
}

/** Text on the left, a note and the time on the right. */
function line(text: string, note: string, time: string, { style, columns }: TreeOptions): string {
  const right = [note, style.dim(time.padStart(9))].filter((part) => part !== '').join(' ');
  const room = Math.min(columns, MAX_COLUMNS) - widthOf(right) - 1;
  return time === '' ? text : `${padEnd(text, room)} ${right}`;
}

function mark(state: StepState | PhaseState, { style, frame }: TreeOptions): string {
  const marks: Record<StepState | PhaseState, string> = {
    pending: style.dim('·'),
    skipped: style.dim('–'),
    waiting: style.yellow('?'),
    running: style.cyan(SPINNER[frame % SPINNER.length] ?? '*'),
    done: style.green('✔'),
    failed: style.red('✖'),
  };
  return marks[state];
}
