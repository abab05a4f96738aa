import type { TeardownResult } from '../../../contract/runs.js';
import { commandLine } from '../../invocation.js';
import { listed } from '../../runs/names.js';
import { renderClusterError } from '../../terminal/error.js';
import type { Style } from '../../terminal/style.js';
import { duration } from '../../../contract/duration.js';
import { countLeaves } from '../../watch/fleet.js';

export interface TeardownFacts {
  topology: string;
  /** The leaves that were to be removed; undefined: everything. */
  only: readonly string[] | undefined;
  result: TeardownResult;
  tookMs: number;
  /** The hosts belong to the lab of this machine. */
  lab: boolean;
  /** The user asked for the keys to be deleted too. */
  purge: boolean;
}

/** Up to so many leaves nothing is counted. */
const FEW_LEAVES = 2;

export function renderTeardown({ topology, only, result, tookMs, lab, purge }: TeardownFacts, style: Style): string {
  const { removed, state, keys, leaves } = result;
  const done = state === 'done';
  return [
    headline(only === undefined ? topology : `${listed(only)} of ${topology}`, done, style),
    `  ${removed === 0 ? (done ? 'nothing was there' : 'nothing removed') : `${removed} removed`} in ${duration(tookMs)}`,
    ...(leaves.total <= FEW_LEAVES ? [] : [`  ${countLeaves(leaves, style)}`]),
    ...unreachedLines(result, style),
    ...(purge && keys === 'kept'
      ? ['  the keys stay while a host is not reached; the same command deletes them once all are removed']
      : []),
    ...(lab ? [style.dim(`  the hosts of the lab stay; remove them with: ${commandLine('lab down')}`)] : []),
    style.dim(
      `  the worker exits when it is idle; the Temporal server stays for its history; stop both with: ${commandLine('stop')}`,
    ),
  ].join('\n');
}

const headline = (what: string, done: boolean, style: Style): string =>
  done
    ? `${style.green('✔')} ${style.bold(what)} is removed`
    : `${style.yellow('!')} ${style.bold(what)} is ${style.yellow('partly')} removed; run teardown again when the rest can be reached`;

const MAX_UNREACHED = 10;

function unreachedLines({ unreached }: TeardownResult, style: Style): string[] {
  const more = unreached.length - MAX_UNREACHED;
  return [
    ...unreached.slice(0, MAX_UNREACHED).flatMap(({ cluster, error }) => renderClusterError(cluster, error, style)),
    ...(more > 0 ? [`  and ${more} more clusters that were not reached`] : []),
  ];
}
