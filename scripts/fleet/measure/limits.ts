import type { FleetFigures } from '../fleet.js';

/** What must hold; a broken one ends the command with exit code 1. Most are those of a fleet of 1,000. */
const EVENTS = 10_000;
const PAYLOAD_BYTES = 256 * 1_024;
const WORKER_MB = 500;
const SECONDS = 600;
const BASELINE_FACTOR = 1.5;
const STATUS_MS = 2_000;

/** A line for each limit that is broken. */
export function brokenLimits({ options, baseline, first, second, joined, worker, world }: FleetFigures): string[] {
  const runs = [baseline, first, second, joined].filter((run) => run !== undefined);
  const events = Math.max(...runs.flatMap(({ parent }) => parent.map((execution) => execution.events)));
  const payloads = runs.map(({ payload }) => payload).filter(({ bytes }) => bytes > PAYLOAD_BYTES);
  const slowest = Math.max(
    ...runs.flatMap(({ watched, lastPages }) => [watched.maxMs, ...lastPages.map(({ ms }) => ms)]),
  );
  return [
    ...(events < EVENTS ? [] : [`an execution of the run has ${events} events, ${EVENTS} are the limit`]),
    ...payloads.map(({ bytes, at }) => `a payload has ${bytes} bytes, ${PAYLOAD_BYTES} are the limit: ${at}`),
    ...(worker.peakMb < WORKER_MB
      ? []
      : [`the worker took ${worker.peakMb.toFixed(0)} MB, ${WORKER_MB} are the limit`]),
    ...(first.seconds < SECONDS ? [] : [`the run took ${first.seconds.toFixed(0)} s, ${SECONDS} are the limit`]),
    ...(baseline === undefined || first.seconds <= BASELINE_FACTOR * baseline.seconds
      ? []
      : [
          `${options.leaves} leaves took ${(first.seconds / baseline.seconds).toFixed(2)} times as long as ${options.baseline ?? 0}, ${BASELINE_FACTOR} is the limit`,
        ]),
    ...(slowest < STATUS_MS ? [] : [`a status took ${slowest.toFixed(0)} ms, ${STATUS_MS} are the limit`]),
    ...(world?.unmodelled ?? ['the worker did not end by itself']).map((what) => `not modelled: ${what}`),
  ];
}
