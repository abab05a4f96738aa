import { PHASE_TITLES } from '../contract/phases.js';
import type { PhaseStatus, RunStatus, StepStatus } from '../contract/status.js';

const seconds = (from?: number, to?: number): string =>
  from === undefined || to === undefined ? '' : `${((to - from) / 1000).toFixed(1)} s`;

/** The status tree as the markdown that the Web UI shows as current details. */
export function renderDetails(status: RunStatus): string {
  const lines = [`**${status.state}** · topology \`${status.topology}\``, ''];
  for (const phase of status.phases) lines.push(phaseRow(phase), ...phase.steps.map(stepRow));
  if (status.waitingFor !== undefined) {
    const { phase } = status.waitingFor;
    lines.push(
      '',
      `Waits for an approval of **${phase}**: send the signal \`approve\` or \`reject\` with \`{"phase": "${phase}"}\`.`,
    );
  }
  const failed = status.checks.filter((check) => check.verdict.state === 'fail').length;
  if (status.checks.length > 0)
    lines.push('', `Checks: ${status.checks.length - failed} of ${status.checks.length} hold.`);
  for (const leaf of status.failedLeaves) lines.push('', `Leaf **${leaf.cluster}** dropped out: ${leaf.error.message}`);
  for (const refusal of status.refusals) lines.push('', `Not taken from ${refusal.by}: ${refusal.because}`);
  return lines.join('\n');
}

// One flat list: the Web UI sets a table's cells without a gap, and the items of a list in a list too.
const phaseRow = ({ name, state, startedAt, endedAt, approved }: PhaseStatus): string => {
  const by = approved === undefined ? '' : `approved by ${approved.by}`;
  return `- **${name}** (${PHASE_TITLES[name]}): ${[state, seconds(startedAt, endedAt), by].filter(Boolean).join(', ')}`;
};

const stepRow = (step: StepStatus): string => {
  const where = step.host ?? step.cluster;
  const outcome = step.error === undefined ? '' : `: ${step.error.message.split('\n')[0] ?? ''}`;
  const times = [step.state, seconds(step.startedAt, step.endedAt)].filter(Boolean).join(', ');
  return `- ↳ ${step.title}${where === undefined ? '' : ` on ${where}`}: ${times}${outcome}`;
};
