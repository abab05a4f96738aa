import { changesOf, stepsOf, type ClusterView, type PhaseView, type RunView, type StepView } from '../runs/view.js';
import { duration } from './time.js';
import { approvalText } from './waiting.js';

/** One thing that happened. */
export interface Transition {
  /** ms since the epoch; absent when only its being seen is known. */
  at?: number;
  text: string;
}

/** What has happened between two views of a run, in order, for logs and pipes. */
export function transitions(before: RunView | undefined, after: RunView): Transition[] {
  const all = after.phases.flatMap((phase, index) => phaseTransitions(before?.phases[index], phase));
  const order = ({ at = Number.MAX_SAFE_INTEGER }: Transition): number => at;
  return all.sort((a, b) => order(a) - order(b));
}

function phaseTransitions(before: PhaseView | undefined, phase: PhaseView): Transition[] {
  const known = new Map((before === undefined ? [] : placedSteps(before)).map((placed) => [placed.key, placed.step]));
  const steps = placedSteps(phase).flatMap(({ key, place, step }) => {
    const was = known.get(key);
    const head = `${phase.name}  ${place === '' ? '' : `${place}  `}${step.title}`;
    return [...retried(was, step, head), ...changedState(was, step, head)];
  });
  if (phase.approved !== undefined && before?.approved === undefined)
    steps.unshift({ ...timeOf(phase.steps[0]?.startedAt), text: `${phase.name}  ${approvalText(phase.approved)}` });
  if (before?.state === phase.state) return steps;
  if (phase.state === 'waiting') return [...steps, { text: `${phase.name}  waits for an approval` }];
  return phase.state === 'done' || phase.state === 'failed' ? [...steps, ended(phase)] : steps;
}

function ended(phase: PhaseView): Transition {
  const changes = changesOf(stepsOf(phase));
  const text = `${phase.name}  ${phase.state}${tookOf(phase)}${changes === 0 ? '' : `, ${changes} changed`}`;
  return { ...timeOf(phase.endedAt), text };
}

function changedState(was: StepView | undefined, step: StepView, head: string): Transition[] {
  if (was?.state === step.state) return [];
  if (step.state === 'running') return [{ at: step.startedAt, text: `${head} ...` }];
  const error = step.error === undefined ? '' : `: ${step.error.message}`;
  return [{ ...timeOf(step.endedAt), text: `${head}: ${step.state}${tookOf(step)}${error}` }];
}

function retried(was: StepView | undefined, step: StepView, head: string): Transition[] {
  if (step.retry === undefined || step.retry.attempt === was?.retry?.attempt) return [];
  return [{ text: `${head}: attempt ${step.retry.attempt} after: ${firstLine(step.retry.lastError)}` }];
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

const timeOf = (at: number | undefined): Pick<Transition, 'at'> => (at === undefined ? {} : { at });

const tookOf = ({ startedAt, endedAt }: { startedAt?: number; endedAt?: number }): string =>
  startedAt === undefined || endedAt === undefined ? '' : ` (${duration(endedAt - startedAt)})`;

function placedSteps(phase: PhaseView): { key: string; place: string; step: StepView }[] {
  const own = phase.steps.map((step) => ({ key: step.id, place: step.host ?? step.cluster ?? '', step }));
  const ofClusters = phase.clusters.flatMap((cluster: ClusterView) =>
    cluster.steps.map((step) => ({ key: `${cluster.cluster}/${step.id}`, place: cluster.cluster, step })),
  );
  return [...own, ...ofClusters];
}
