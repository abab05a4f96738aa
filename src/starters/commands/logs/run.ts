import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshHostShell } from '../../../adapters/ssh/ssh-host-shell.js';
import { messageOf } from '../../../contract/caught.js';
import { clustersOf, type Cluster, type Topology } from '../../../contract/topology/topology.js';
import { clusterNamed, withHosts } from '../../access/clusters.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { interruptible, printData, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { fileReader, podReader, unitReader, type Line, type Reader } from './readers.js';
import { placeOf, type What } from './what.js';

export interface LogsOptions {
  what: What;
  cluster?: string;
  lines: number;
  follow?: boolean;
}

const PAUSE_MS = 1_500;
/** Of more clusters one has to be named: their lines side by side say nothing. */
const MAX_CLUSTERS = 10;

export async function logs(context: Context, choice: Choice, options: LogsOptions): Promise<number> {
  const { what, lines } = options;
  const place = placeOf(what);
  if (place.from === 'file')
    return print(context, options, [fileReader(join(context.settings.stateDir, place.file), what, lines)]);
  const { topology } = await chooseTopology(context, choice);
  const clusters = clustersFor(topology, options, place.from === 'pods' ? place.role : undefined);
  const readerOf = (hosts: SshHostShell, cluster: Cluster): Reader =>
    place.from === 'pods' ? podReader(hosts, cluster, place, lines) : unitReader(hosts, cluster, place.unit, lines);
  return withHosts(context, (hosts) =>
    print(
      context,
      options,
      clusters.map((cluster) => readerOf(hosts, cluster)),
    ),
  );
}

function clustersFor(topology: Topology, { what, cluster }: LogsOptions, role?: Cluster['role']): Cluster[] {
  const fitting = clustersOf(topology).filter((each) => role === undefined || each.role === role);
  const chosen = cluster === undefined ? fitting : fitting.filter(({ name }) => name === cluster);
  if (cluster !== undefined && chosen.length === 0)
    throw usage(
      `cluster "${clusterNamed(topology, cluster).name}" has no ${what}`,
      `pass --cluster with one of: ${fitting.map(({ name }) => name).join(', ')}`,
    );
  if (chosen.length <= MAX_CLUSTERS) return chosen;
  throw usage(`topology "${topology.name}" has ${chosen.length} clusters with ${what}`, 'pass --cluster');
}

function print(context: Context, { follow, what }: LogsOptions, readers: readonly Reader[]): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    for (let round = 0; ; round++) {
      const settled = await Promise.allSettled(readers.map((reader) => reader(signal)));
      signal.throwIfAborted();
      const failures = settled.filter((each) => each.status === 'rejected').map(({ reason }): unknown => reason);
      for (const failure of failures) say(io, `cannot be read: ${messageOf(failure)}`);
      const all = settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      show(context, all);
      if (round === 0 && all.length === 0 && failures.length === 0) say(io, `${what} has written nothing`);
      if (follow !== true) return failures.length === 0 ? 0 : EXIT_FAILED;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  });
}

function show({ io, style }: Context, all: Line[]): void {
  if (all.length === 0) return;
  const sorted = all.sort((left, right) => left.time.localeCompare(right.time));
  const rows = sorted.map(({ time, source, text }) => {
    const when = time === '' ? '' : `${time.slice(0, 'yyyy-mm-ddThh:mm:ss'.length)} `;
    return `${style.dim(`${when}${source}`)} ${text}`;
  });
  printData(io, rows.join('\n'));
}
