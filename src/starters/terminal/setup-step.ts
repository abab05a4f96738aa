import { padEnd, type Style } from './style.js';
import { duration } from '../../contract/duration.js';

/** What happens before the run itself: lab hosts, the Temporal server, the worker. */
export interface SetupStep {
  step: string;
  state: 'running' | 'done' | 'note';
  detail?: string;
  elapsedMs?: number;
}

const NAME_WIDTH = 11;

export function renderSetupStep({ step, state, detail = '', elapsedMs }: SetupStep, style: Style): string {
  const marks = { running: style.cyan('…'), done: style.green('✔'), note: style.blue('i') };
  const time = elapsedMs === undefined ? '' : style.dim(` (${duration(elapsedMs)})`);
  return `  ${marks[state]} ${style.bold(padEnd(step, NAME_WIDTH))} ${style.dim(detail)}${time}`.trimEnd();
}
