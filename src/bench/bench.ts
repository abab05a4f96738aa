import { randomBytes } from 'node:crypto';
import { messageOf } from '../contract/caught.js';
import { isProvisionError } from '../contract/errors.js';
import { hubScope, leafScope, settingsOf } from '../contract/topology/scope.js';
import type { Cluster, Topology } from '../contract/topology/topology.js';
import { keepsStreams } from '../domain/accounts/streams.js';
import type { Figures } from '../domain/bench/figures.js';
import { waysOf, type Way } from '../domain/bench/ways.js';
import { PROBE_PREFIX } from '../domain/nats/names.js';
import type { Ports } from '../parts/ports.js';
import { Site, type Work } from '../parts/site.js';
import { measureCore, measureStream, type Ends } from './measure.js';

export const SYSTEMS = ['core NATS', 'JetStream'] as const;

/** What came of one way. `leftOut`: this system has no such way. */
export type Outcome = { figures: Figures } | { leftOut: string } | { failed: string };

export interface Measured {
  system: (typeof SYSTEMS)[number];
  way: Way;
  outcome: Outcome;
}

export interface BenchOptions {
  leaf: Cluster;
  /** Name of the cluster whose direction comes first. */
  from: string;
  work: Work;
  /** No way is begun later than so many milliseconds after the start. */
  limitMs: number;
  /** A tenth of messages and time. */
  quick: boolean;
}

/** Measures one way after the other: two at a time would measure each other. */
export async function bench(ports: Ports, topology: Topology, options: BenchOptions): Promise<Measured[]> {
  const { leaf, from, work, limitMs, quick } = options;
  const hub = new Site(ports, hubScope(topology), work);
  const sites = [hub, new Site(ports, leafScope(settingsOf(topology), leaf), work)];
  const siteOf = (cluster: string): Site => sites.find((site) => site.cluster === cluster) ?? hub;
  const token = randomBytes(6).toString('hex');
  const began = ports.clock.now();
  const ways = waysOf({ hub: hub.cluster, leaf: leaf.name, from, mode: topology.link.mode, edge: topology.nats.edge });
  const measured: Measured[] = [];
  for (const system of SYSTEMS)
    for (const [index, way] of ways.entries()) {
      work.signal.throwIfAborted();
      const isLate = ports.clock.now() - began > limitMs;
      const without = isLate ? `the ways before took ${limitMs / 1_000} s` : missing(topology, system, way);
      const subject = `${PROBE_PREFIX}.bench.${token}.${system === 'JetStream' ? 's' : 'c'}${index}`;
      const ends = { asks: siteOf(way.asks.host), answers: siteOf(way.answers.host), hub, way, subject, quick };
      measured.push({ system, way, outcome: without === undefined ? await tried(system, ends) : { leftOut: without } });
    }
  return measured;
}

/** Why a topology has no such way. */
function missing({ nats }: Topology, system: Measured['system'], { kind, answers }: Way): string | undefined {
  if (system === 'JetStream' && !keepsStreams(nats)) return 'the topology keeps no streams';
  if (kind === 'straight' && nats.edge === 'none') return 'nats.edge is none, so no other host gets in at the broker';
  return system === 'JetStream' && answers.by === 'port'
    ? 'a leaf node, which would keep the stream, has no port for other hosts'
    : undefined;
}

/** What cannot be measured says why, and the others are measured all the same. */
async function tried(system: Measured['system'], ends: Ends): Promise<Outcome> {
  ends.hub.work.heartbeat(`measuring ${system}, ${ends.way.title}`);
  try {
    return { figures: await (system === 'JetStream' ? measureStream(ends) : measureCore(ends)) };
  } catch (error) {
    ends.hub.work.signal.throwIfAborted();
    const detail = isProvisionError(error) ? (error.output ?? '') : '';
    return { failed: detail.split('\n').at(-1) || messageOf(error) };
  }
}
