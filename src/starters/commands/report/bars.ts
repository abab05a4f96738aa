import { PHASE_TITLES } from '../../../contract/phases.js';
import type { EntryState, LeafRow, LeafState, PhaseState, StatusError } from '../../../contract/status.js';
import { clustersOf, serverOf, type Topology } from '../../../contract/topology/topology.js';
import type { Bar, BarGroup, ReportedRun } from '../../../report/report.js';
import type { EntryView, PhaseView, RunView } from '../../watch/view.js';

/** A run as bars on a time axis: its phases, then each cluster's steps in the order in which they began. */
export function barsOf(view: RunView, topology: Topology, leaves: readonly LeafRow[]): ReportedRun {
  const groups: BarGroup[] = [
    { title: 'Phases', bars: view.phases.flatMap(phaseBar) },
    ...clustersOf(topology).map((cluster) => ({
      title: `${cluster.name} on ${serverOf(cluster).name}`,
      bars: stepsIn(view, cluster.name).map(stepBar),
    })),
    { title: 'Leaves', bars: longest(leaves.flatMap(leafBar)) },
  ];
  return { id: view.workflowId, state: view.state, groups: groups.filter(({ bars }) => bars.length > 0) };
}

const stepsIn = ({ phases }: RunView, cluster: string): EntryView[] =>
  phases
    .flatMap((phase) => phase.clusters)
    .filter((each) => each.cluster === cluster)
    .flatMap(({ entries }) => entries)
    .sort((left, right) => left.startedAt - right.startedAt);

const PHASE_STATES: Readonly<Record<PhaseState, EntryState>> = {
  pending: 'running',
  waiting: 'running',
  running: 'running',
  done: 'done',
  failed: 'failed',
  skipped: 'done',
};

function phaseBar({ name, state, startedAt, endedAt }: PhaseView): Bar[] {
  if (startedAt === undefined) return [];
  return [ended({ title: `${name}: ${PHASE_TITLES[name]}`, state: PHASE_STATES[state], startedAt }, endedAt)];
}

const stepBar = ({ title, state, startedAt, endedAt, changed = 0, error }: EntryView): Bar =>
  ended(failed({ title, state, startedAt, changed }, error), endedAt);

const LEAF_STATES: Readonly<Record<LeafState, EntryState>> = {
  pending: 'running',
  running: 'running',
  done: 'done',
  failed: 'failed',
  unchanged: 'done',
  skipped: 'done',
};

function leafBar({ cluster, state, startedAt, endedAt, changed = 0, error }: LeafRow): Bar[] {
  if (startedAt === undefined) return [];
  return [ended(failed({ title: cluster, state: LEAF_STATES[state], startedAt, changed }, error), endedAt)];
}

const ended = (bar: Bar, endedAt: number | undefined): Bar => (endedAt === undefined ? bar : { ...bar, endedAt });
const failed = (bar: Bar, error: StatusError | undefined): Bar =>
  error === undefined ? bar : { ...bar, error: `${error.message} (${error.code})` };

/** Of a thousand leaves those that say something: what failed or runs, and what took longest. */
const MAX_BARS = 200;

function longest(bars: readonly Bar[]): Bar[] {
  const lengthOf = ({ state, startedAt, endedAt }: Bar): number =>
    state === 'done' && endedAt !== undefined ? endedAt - startedAt : Number.POSITIVE_INFINITY;
  return bars
    .toSorted((left, right) => (lengthOf(right) > lengthOf(left) ? 1 : lengthOf(right) < lengthOf(left) ? -1 : 0))
    .slice(0, MAX_BARS)
    .sort((left, right) => left.startedAt - right.startedAt);
}
