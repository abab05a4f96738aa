import { MESSAGE_BYTES } from './scripts.js';

/** Of the client that asked, so of one clock. */
export interface Latency {
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  requests: number;
}

export interface Figures extends Latency {
  /** undefined: not all messages arrived in time. */
  messagesPerSecond: number | undefined;
}

/** A line of a table that `nats bench --csv` writes, by the names of its columns. */
type Line = ReadonlyMap<string, string>;

/** The tables that a script printed, one after the other. */
function tablesOf(text: string): Line[][] {
  return text
    .split('#')
    .slice(1)
    .map((table) => {
      const [head = '', ...rows] = table.trim().split('\n');
      const names = head.split(',');
      return rows.map((row) => new Map(row.split(',').map((cell, index) => [names[index] ?? '', cell])));
    });
}

/** @throws Error when the column is not there: another version of the nats command */
function numberIn(line: Line | undefined, column: string): number {
  const value = Number(line?.get(column) ?? NaN);
  if (Number.isFinite(value)) return value;
  throw new Error(`the nats command of the host reports no ${column}`);
}

const US_PER_MS = 1_000;

function latencyIn(table: Line[] | undefined): Latency {
  const [line] = table ?? [];
  const ms = (column: string): number => Math.round(numberIn(line, `${column}LatencyMicroSecs`)) / US_PER_MS;
  return {
    p50Ms: ms('P50'),
    p99Ms: ms('P99'),
    p999Ms: ms('P99.9'),
    requests: numberIn(line, 'MsgBytes') / MESSAGE_BYTES,
  };
}

/** Of all clients, which begin together. */
const rateIn = (table: Line[]): number => table.reduce((sum, line) => sum + numberIn(line, 'MsgsPerSec'), 0);

/** @param asked what the asking end printed @param answered what the other end printed */
export function coreFigures(asked: string, answered: string): Figures {
  const [latency] = tablesOf(asked);
  const [flow] = tablesOf(answered);
  return { ...latencyIn(latency), messagesPerSecond: flow === undefined ? undefined : rateIn(flow) };
}

/** @param published what the publishing end printed */
export function streamFigures(published: string): Figures {
  const [latency, many = []] = tablesOf(published);
  return { ...latencyIn(latency), messagesPerSecond: rateIn(many) };
}
