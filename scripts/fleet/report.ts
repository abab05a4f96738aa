import type { Execution } from './measure/histories.js';
import type { FleetFigures } from './fleet.js';
import type { MeasuredRun } from './measured-run.js';

/** What people read of a fleet's figures. */
export function renderFigures({
  options,
  baseline,
  first,
  second,
  joined,
  worker,
  server,
  world,
  directory,
}: FleetFigures): string {
  const { leaves, mode, concurrency, canary, scale, bandwidth } = options;
  const rows: [string, string][] = [
    ['fleet', `${leaves} leaves, ${mode}, ${concurrency} at once, ${canary} first, scale ${scale}, ${bandwidth} MB/s`],
    ...(baseline === undefined ? [] : rowsOf(`${options.baseline ?? 0} leaves`, baseline)),
    ...rowsOf('first run', first),
    ...rowsOf('second run', second),
    ...(joined === undefined ? [] : rowsOf('one leaf joins', joined)),
    ['worker', `${worker.peakMb.toFixed(0)} MB at most, ${worker.cpuSeconds.toFixed(0)} s of CPU`],
    ['  of it the modelled world', `about ${mb(world?.characters ?? 0)} MB`],
    ['Temporal server', `${server.peakMb.toFixed(0)} MB at most, ${server.cpuSeconds.toFixed(0)} s of CPU`],
    ...(directory === undefined ? [] : [['kept', directory] satisfies [string, string]]),
  ];
  return rows.map(([name, text]) => `${name.padEnd(30)}${text}\n`).join('');
}

function rowsOf(
  name: string,
  { result, seconds, parent, children, payload, watched, lastPages, cpu }: MeasuredRun,
): [string, string][] {
  const { state, leaves, failedLeaves, changed, checks } = result;
  const counts = Object.entries(leaves).filter(([, count]) => count > 0);
  const clusters = children.filter(({ workflowId }) => !workflowId.includes('/.'));
  const most = clusters.reduce<Execution | undefined>(
    (most, child) => (child.bytes > (most?.bytes ?? 0) ? child : most),
    undefined,
  );
  return [
    [name, `${seconds.toFixed(1)} s, ${state}: ${counts.map(([key, count]) => `${count} ${key}`).join(', ')}`],
    ...failedLeaves.map(({ cluster, error }): [string, string] => ['  failed', `${cluster}: ${error?.code ?? '?'}`]),
    ['  steps', `${changed.create} created, ${changed.change} changed, ${changed.delete} deleted`],
    [
      '  checks',
      `${checks.passed} passed, ${checks.failed} failed, ${checks.warned} warned, ${checks.skipped} skipped`,
    ],
    ['  parent', `${sum(parent, 'events')} events, ${kb(sum(parent, 'bytes'))} KB in ${parent.length} executions`],
    ...children.filter(({ workflowId }) => workflowId.includes('/.')).map((child) => rowOf(child)),
    ['  clusters', `${clusters.length} children, ${sum(clusters, 'events')} events, ${kb(sum(clusters, 'bytes'))} KB`],
    ...(most === undefined ? [] : [rowOf(most)]),
    ['  CPU', `worker ${cpu.worker.toFixed(1)} s, server ${cpu.server.toFixed(1)} s`],
    ['  largest payload', `${kb(payload.bytes)} KB, ${payload.at}`],
    [
      '  status under load',
      `p50 ${watched.p50Ms.toFixed(0)} ms, max ${watched.maxMs.toFixed(0)} ms after ${watched.slowestAt.toFixed(0)} s, asked ${watched.asked} times, ${watched.failed} in vain`,
    ],
    ['  when it is over', lastPages.map(({ payload, ms }) => `${payload.at} ${ms.toFixed(0)} ms`).join(', ')],
  ];
}

const rowOf = ({ workflowId, events, bytes }: Execution): [string, string] => [
  `  ${workflowId.slice(workflowId.indexOf('/') + 1)}`,
  `${events} events, ${kb(bytes)} KB`,
];

const sum = (executions: readonly Execution[], field: 'events' | 'bytes'): number =>
  executions.reduce((total, execution) => total + execution[field], 0);

const kb = (bytes: number): string => (bytes / 1_024).toFixed(1);
const mb = (bytes: number): string => (bytes / 1_024 / 1_024).toFixed(0);
