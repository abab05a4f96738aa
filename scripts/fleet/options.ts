import { parseArgs } from 'node:util';

export interface FleetOptions {
  leaves: number;
  /** Leaves with a host that cannot be provisioned. */
  fail: number;
  mode: 'direct' | 'mesh';
  /** Provision all but one, then add that one. */
  join: boolean;
  /** A fleet of so many leaves goes first, to compare with. */
  baseline: number | undefined;
  concurrency: number;
  canary: number;
  /** Factor on what modelled hosts do by themselves. */
  scale: number;
  /** Megabytes per second that the worker can send. */
  bandwidth: number;
  /** Writes a CPU profile of the worker, and keeps it. */
  profile: boolean;
  /** Keeps state directory and Temporal's database, and says where they are. */
  keep: boolean;
}

export const USAGE = `usage: npm run fleet -- --leaves <n> [options]
  --fail <n>         so many leaves have a host that cannot be provisioned
  --mode <mode>      direct (default) or mesh
  --join             provision all leaves but one, then add that one
  --baseline <n>     a fleet of n leaves first; the large one may take 1.5 times as long
  --concurrency <n>  leaves at once; default: all, at most 200
  --canary <n>       leaves that go first; default 0
  --scale <factor>   on the time that hosts need by themselves; default 1
  --bandwidth <n>    megabytes per second that the worker can send; default 2500
  --profile          write a CPU profile of the worker, and keep it
  --keep             keep state directory and database
`;

/** @throws RangeError for what is no number; TypeError for an unknown option */
export function readOptions(args: readonly string[]): FleetOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ leaves: text, fail: text, mode: text, baseline: text, concurrency: text },
      ...{ canary: text, scale: text, bandwidth: text, join: flag, keep: flag, profile: flag },
    },
  });
  const leaves = numberIn('leaves', values.leaves, 1, 1_000);
  return {
    leaves,
    fail: numberIn('fail', values.fail ?? '0', 0, leaves),
    mode: modeIn(values.mode ?? 'direct'),
    join: values.join,
    baseline: values.baseline === undefined ? undefined : numberIn('baseline', values.baseline, 1, leaves),
    concurrency: numberIn('concurrency', values.concurrency ?? String(Math.min(leaves, 200)), 1, 200),
    canary: numberIn('canary', values.canary ?? '0', 0, 100),
    scale: numberIn('scale', values.scale ?? '1', 0, 100),
    bandwidth: numberIn('bandwidth', values.bandwidth ?? '2500', 1, 1_000_000),
    profile: values.profile,
    keep: values.keep || values.profile,
  };
}

function numberIn(name: string, text: string | undefined, least: number, most: number): number {
  const number = Number(text);
  if (text !== undefined && number >= least && number <= most) return number;
  throw new RangeError(`--${name} takes a number from ${least} to ${most}, not "${text ?? ''}"`);
}

function modeIn(text: string): 'direct' | 'mesh' {
  if (text === 'direct' || text === 'mesh') return text;
  throw new RangeError(`--mode takes direct or mesh, not "${text}"`);
}
