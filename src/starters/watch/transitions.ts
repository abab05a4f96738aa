import { duration } from '../../contract/duration.js';
import { firstLine } from './tree.js';
import { changesOf, entriesOf, type EntryView, type PhaseView, type RunView } from './view.js';
import { approvalText } from './waiting.js';

/** One thing that happened. */
export interface Transition {
  /** ms since the epoch; absent when it is only known that it was seen. */
  at?: number;
  text: string;
}

/** What has happened between two views of a run, in order, for logs and pipes. */
export function transitions(before: RunView | undefined, after: RunView): Transition[] {
  const all = after.phases.flatMap((phase) =>
    phaseTransitions(
      before?.phases.find(({ name }) => name === phase.name),
      phase,
    ),
  );
  const order = ({ at = Number.MAX_SAFE_INTEGER }: Transition): number => at;
  return all.sort((a, b) => order(a) - order(b));
}

function phaseTransitions(before: PhaseView | undefined, phase: PhaseView): Transition[] {
  const known = new Map((before === undefined ? [] : placed(before)).map(({ key, entry }) => [key, entry]));
  const entries = placed(phase).flatMap(({ key, place, entry }) => {
    const was = known.get(key);
    const head = `${phase.name}  ${place === '' ? '' : `${place}  `}${entry.title}`;
    return [...retried(was, entry, head), ...changedState(was, entry, head)];
  });
  if (phase.approved !== undefined && before?.approved === undefined)
    entries.unshift({ ...timeOf(phase.startedAt), text: `${phase.name}  ${approvalText(phase.approved)}` });
  if (before?.state === phase.state) return entries;
  if (phase.state === 'waiting') return [...entries, { text: `${phase.name}  waiting for approval` }];
  return phase.state === 'done' || phase.state === 'failed' ? [...entries, ended(phase)] : entries;
}

function ended(phase: PhaseView): Transition {
  const changes = changesOf(entriesOf(phase));
  const text = `${phase.name}  ${phase.state}${tookOf(phase)}${changes === 0 ? '' : `, ${changes} changed`}`;
  return { ...timeOf(phase.endedAt), text };
}

function changedState(was: EntryView | undefined, entry: EntryView, head: string): Transition[] {
  if (was?.state === entry.state) return [];
  if (entry.state === 'running') return [{ at: entry.startedAt, text: `${head} ...` }];
  const error = entry.error === undefined ? '' : `: ${entry.error.message}`;
  return [{ ...timeOf(entry.endedAt), text: `${head}: ${entry.state}${tookOf(entry)}${error}` }];
}

function retried(was: EntryView | undefined, entry: EntryView, head: string): Transition[] {
  if (entry.retry === undefined || entry.retry.attempt === was?.retry?.attempt) return [];
  return [{ text: `${head}: attempt ${entry.retry.attempt} after: ${firstLine(entry.retry.lastError)}` }];
}

const timeOf = (at: number | undefined): Pick<Transition, 'at'> => (at === undefined ? {} : { at });

const tookOf = ({ startedAt, endedAt }: { startedAt?: number; endedAt?: number }): string =>
  startedAt === undefined || endedAt === undefined ? '' : ` (${duration(endedAt - startedAt)})`;

const placed = (phase: PhaseView): { key: string; place: string; entry: EntryView }[] => [
  ...phase.entries.map((entry) => ({ key: entry.id, place: entry.host ?? entry.cluster ?? '', entry })),
  ...phase.clusters.flatMap(({ cluster, entries }) =>
    entries.map((entry) => ({ key: `${cluster}/${entry.id}`, place: cluster, entry })),
  ),
];
