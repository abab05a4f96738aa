import { changesOf, stepsOf, type ClusterView, type PhaseView, type RunView, type StepView } from '../runs/view.js';
import { duration } from './time.js';

/** What has happened between two views of a run, one line each, for logs and pipes. */
export function transitions(before: RunView | undefined, after: RunView): string[] {
  return after.phases.flatMap((phase, index) => phaseTransitions(before?.phases[index], phase));
}

function phaseTransitions(before: PhaseView | undefined, phase: PhaseView): string[] {
  const known = new Map((before === undefined ? [] : placedSteps(before)).map((placed) => [placed.key, placed.step]));
  const steps = placedSteps(phase).flatMap(({ key, place, step }) => {
    const was = known.get(key);
    const head = `${phase.name}  ${place === '' ? '' : `${place}  `}${step.title}`;
    return [...retryLine(was, step, head), ...stateLine(was, step, head)];
  });
  const started =
    before?.state !== phase.state && phase.state === 'waiting' ? [`${phase.name}  waits for an approval`] : [];
  const ended = before?.state !== phase.state && isOver(phase) ? [endLine(phase)] : [];
  return [...started, ...steps, ...ended];
}

const isOver = ({ state }: PhaseView): boolean => state === 'done' || state === 'failed';

function endLine(phase: PhaseView): string {
  const changes = changesOf(stepsOf(phase));
  return `${phase.name}  ${phase.state}${tookOf(phase)}${changes === 0 ? '' : `, ${changes} changed`}`;
}

function stateLine(was: StepView | undefined, step: StepView, head: string): string[] {
  if (was?.state === step.state) return [];
  if (step.state === 'running') return [`${head} ...`];
  const error = step.error === undefined ? '' : `: ${step.error.message}`;
  return [`${head}: ${step.state}${tookOf(step)}${error}`];
}

function retryLine(was: StepView | undefined, step: StepView, head: string): string[] {
  if (step.retry === undefined || step.retry.attempt === was?.retry?.attempt) return [];
  return [`${head}: attempt ${step.retry.attempt} after: ${step.retry.lastError}`];
}

const tookOf = ({ startedAt, endedAt }: { startedAt?: number; endedAt?: number }): string =>
  startedAt === undefined || endedAt === undefined ? '' : ` (${duration(endedAt - startedAt)})`;

function placedSteps(phase: PhaseView): { key: string; place: string; step: StepView }[] {
  const own = phase.steps.map((step) => ({ key: step.id, place: step.host ?? step.cluster ?? '', step }));
  const ofClusters = phase.clusters.flatMap((cluster: ClusterView) =>
    cluster.steps.map((step) => ({ key: `${cluster.cluster}/${step.id}`, place: cluster.cluster, step })),
  );
  return [...own, ...ofClusters];
}
