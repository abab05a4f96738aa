import type { Measured } from '../../../bench/bench.js';
import { renderTable } from '../../terminal/table.js';
import type { Style } from '../../terminal/style.js';

const HEAD = ['', 'way', 'messages/s', 'p50', 'p99', 'p99.9'];
/** With fewer requests the slowest thousandth is the slowest one. */
const ENOUGH_REQUESTS = 1_000;

const NOTES = [
  'p50, p99, p99.9: round trips in ms, one request after the other, 128 bytes',
  'messages/s: core NATS without waiting; JetStream acknowledged, 16 at a time, stream in memory',
];

export function renderBench(measured: readonly Measured[], style: Style): string {
  const rows = measured.flatMap(({ system, way, outcome }) =>
    'figures' in outcome ? [[system, way.title, ...cells(outcome.figures)]] : [],
  );
  const why = measured.flatMap(({ system, way, outcome }) =>
    'figures' in outcome ? [] : [{ what: `${system}, ${way.title}`, ...reasonOf(outcome) }],
  );
  const reasons = [...new Set(why.map(({ reason }) => reason))].map((reason) => {
    const all = why.filter((each) => each.reason === reason);
    const line = `${all[0]?.verb ?? ''}: ${all.map(({ what }) => what).join('; ')}: ${reason}`;
    return all[0]?.verb === 'failed' ? style.red(line) : style.dim(line);
  });
  return [
    ...(rows.length === 0 ? [] : [renderTable(HEAD, blankedRepeats(rows), style), '', ...NOTES.map(style.dim)]),
    ...(isShort(measured) ? [style.dim('p99.9 of fewer than 1,000 requests is the slowest one')] : []),
    ...reasons,
  ].join('\n');
}

const reasonOf = (outcome: { leftOut: string } | { failed: string }): { verb: string; reason: string } =>
  'failed' in outcome ? { verb: 'failed', reason: outcome.failed } : { verb: 'left out', reason: outcome.leftOut };

type Figures = Extract<Measured['outcome'], { figures: unknown }>['figures'];

const cells = ({ messagesPerSecond, p50Ms, p99Ms, p999Ms }: Figures): string[] => [
  messagesPerSecond === undefined ? 'not all arrived' : Math.round(messagesPerSecond).toLocaleString('en-US'),
  ...[p50Ms, p99Ms, p999Ms].map((ms) => ms.toFixed(ms < 10 ? 2 : 1)),
];

/** The system stands once, before its first way. */
const blankedRepeats = (rows: readonly string[][]): string[][] =>
  rows.map(([system = '', ...rest], index) => [rows[index - 1]?.[0] === system ? '' : system, ...rest]);

const isShort = (measured: readonly Measured[]): boolean =>
  measured.some(({ outcome }) => 'figures' in outcome && outcome.figures.requests < ENOUGH_REQUESTS);

export const benchJson = (topology: string, measured: readonly Measured[]): unknown => ({
  topology,
  measured: measured.map(({ system, way: { kind, title, asks, answers }, outcome }) => ({
    ...{ system, kind, title, from: asks.host, to: answers.host },
    ...('figures' in outcome ? outcome.figures : outcome),
  })),
});
