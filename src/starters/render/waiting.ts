import { PHASE_TITLES, type PhaseName } from '../../contract/phases.js';
import type { PhaseStatus } from '../../contract/status.js';
import type { RunView } from '../runs/view.js';
import type { Style } from './style.js';

/** What a run waits for, and what to type. */
export function renderWaiting({ waitingFor, topology, planDigest }: RunView, style: Style): string[] {
  if (waitingFor === undefined) return [];
  const { phase } = waitingFor;
  const title = PHASE_TITLES[phase as PhaseName];
  const plan = planDigest === undefined ? '' : `, plan ${planDigest.slice(0, 8)}`;
  return [
    `${style.yellow('  waits for your approval of')} ${style.bold(phase)} (${title}${plan})`,
    `    let it go on:  ${style.cyan(`npm run start -- approve ${phase} ${topology}`)}`,
    `    end the run:   ${style.cyan(`npm run start -- reject ${phase} ${topology} --note "why"`)}`,
  ];
}

export const approvalText = ({ by, note }: NonNullable<PhaseStatus['approved']>): string =>
  `approved by ${by}${note === undefined ? '' : `: ${note.split('\n')[0] ?? ''}`}`;
