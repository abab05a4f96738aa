import { PHASE_TITLES } from '../../../contract/phases.js';
import type { EntryStatus, PhaseStatus, RunStatus } from '../../../contract/status.js';

const seconds = (from?: number, to?: number): string =>
  from === undefined || to === undefined ? '' : `${((to - from) / 1000).toFixed(1)} s`;

/** The status tree as the markdown that the Web UI shows as current details. */
export function renderDetails(status: RunStatus): string {
  const { topology, cluster, state, waitingFor, checks, leaves } = status;
  const lines = [
    `**${state}** · topology \`${topology}\`${cluster === undefined ? '' : ` · cluster \`${cluster}\``}`,
    '',
  ];
  for (const phase of status.phases) lines.push(phaseRow(phase), ...phase.entries.map(entryRow));
  if (waitingFor !== undefined) {
    const { phase } = waitingFor;
    lines.push(
      '',
      `**${phase}** waits for an approval: send the signal \`approve\` or \`reject\` with \`{"phase": "${phase}"}\`.`,
    );
  }
  if (leaves !== undefined)
    lines.push(
      '',
      `Leaves: ${leaves.done + leaves.unchanged} of ${leaves.total} done, ${leaves.running} running, ${leaves.failed} failed.`,
    );
  if (checks !== undefined)
    lines.push('', `Checks: ${checks.passed} passed, ${checks.failed} failed, ${checks.skipped} skipped.`);
  for (const leaf of status.failedLeaves)
    lines.push('', `Leaf **${leaf.cluster}** failed: ${leaf.error?.message ?? ''}`);
  for (const refusal of status.refusals) lines.push('', `Ignored approval from ${refusal.by}: ${refusal.because}`);
  return lines.join('\n');
}

// One flat list: the Web UI sets a table's cells without a gap, and the items of a list in a list too.
const phaseRow = ({ name, state, startedAt, endedAt, approved }: PhaseStatus): string => {
  const by = approved === undefined ? '' : `approved by ${approved.by}`;
  return `- **${name}** (${PHASE_TITLES[name]}): ${[state, seconds(startedAt, endedAt), by].filter(Boolean).join(', ')}`;
};

const entryRow = (entry: EntryStatus): string => {
  const where = entry.host ?? entry.cluster;
  const outcome = entry.error === undefined ? '' : `: ${entry.error.message.split('\n')[0] ?? ''}`;
  const times = [entry.state, seconds(entry.startedAt, entry.endedAt)].filter(Boolean).join(', ');
  return `- ↳ ${entry.title}${where === undefined ? '' : ` on ${where}`}: ${times}${outcome}`;
};
