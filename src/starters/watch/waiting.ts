import { PHASE_TITLES } from '../../contract/phases.js';
import type { PhaseStatus, Refusal } from '../../contract/status.js';
import { commandLine } from '../invocation.js';
import type { Style } from '../terminal/style.js';
import type { RunView } from './view.js';

/** What a run waits for, and what to type. */
export function renderWaiting({ waitingFor, topology, planDigest }: RunView, style: Style): string[] {
  if (waitingFor === undefined) return [];
  const { phase } = waitingFor;
  const plan = planDigest === undefined ? '' : `, plan ${planDigest.slice(0, 8)}`;
  return [
    `${style.yellow('  waiting for your approval of')} ${style.bold(phase)} (${PHASE_TITLES[phase]}${plan})`,
    `    let it continue:  ${style.cyan(commandLine(`approve ${phase} ${topology}`))}`,
    `    stop the run:     ${style.cyan(commandLine(`reject ${phase} ${topology} --note "why"`))}`,
  ];
}

export const approvalText = ({ by, note }: NonNullable<PhaseStatus['approved']>): string =>
  `approved by ${by}${note === undefined ? '' : `: ${note.split('\n')[0] ?? ''}`}`;

export const refusalText = ({ by, because }: Refusal): string => `ignored decision from ${by}: ${because}`;
