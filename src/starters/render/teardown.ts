import type { TeardownResult } from '../../contract/runs.js';
import type { Style } from './style.js';
import { duration } from './time.js';

export interface TeardownFacts {
  topology: string;
  result: TeardownResult;
  tookMs: number;
  /** The hosts belong to the lab of this machine. */
  lab: boolean;
  /** The user asked for the keys to be deleted too. */
  purge: boolean;
}

export function renderTeardown({ topology, result, tookMs, lab, purge }: TeardownFacts, style: Style): string {
  const { removed, unreached, state, keys } = result;
  const head =
    state === 'done'
      ? `${style.green('✔')} ${style.bold(topology)} is removed`
      : `${style.yellow('!')} ${style.bold(topology)} is removed ${style.yellow('in part')}; tear it down again once the rest can be reached`;
  return [
    head,
    `  ${removed.length === 0 ? `nothing ${state === 'done' ? 'was there' : 'removed'}` : `${removed.length} removed`} in ${duration(tookMs)}`,
    ...unreached.flatMap(({ host, error }) => [
      style.red(`  ${error.message.startsWith(host) ? '' : `${host}: `}${error.message}`),
      ...(error.remedy === undefined ? [] : [`    ${style.bold('hint:')} ${error.remedy}`]),
    ]),
    ...(purge && keys === 'kept'
      ? ['  the keys stay as long as a host was not reached; the same command deletes them when all are gone']
      : []),
    ...(lab ? [style.dim('  the hosts of the lab stay; remove them with: npm run start -- lab down')] : []),
    style.dim(
      '  the worker ends by itself; the Temporal server stays for its history, end both with: npm run start -- stop',
    ),
  ].join('\n');
}
