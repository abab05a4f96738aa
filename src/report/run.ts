import { duration } from '../contract/duration.js';
import type { RunState } from '../contract/status.js';
import { html, type Html } from './html.js';
import { bareMark, type Tone } from './marks.js';
import type { Bar, BarGroup, Report, ReportedRun } from './report.js';

const TONES: Readonly<Record<RunState, Tone>> = {
  running: 'busy',
  waiting: 'busy',
  paused: 'busy',
  done: 'ok',
  degraded: 'warn',
  failed: 'bad',
  rejected: 'bad',
};

const BAR_TONES: Readonly<Record<Bar['state'], Tone>> = { running: 'busy', done: 'ok', failed: 'bad' };

interface Span {
  from: number;
  to: number;
}

/** The last run on a time axis: when each step began, and how long it took. */
export function runSection({ run, madeAt }: Report): Html {
  if (run === undefined) return html`<p class="lead">No run is shown.</p>`;
  const bars = run.groups.flatMap((group) => group.bars);
  if (bars.length === 0) return html`<p class="lead">The run has not begun a step.</p>`;
  const span = {
    from: Math.min(...bars.map(({ startedAt }) => startedAt)),
    to: Math.max(...bars.map(({ endedAt = madeAt }) => endedAt), bars[0]?.startedAt ?? 0),
  };
  return html`${summary(run, span)}
    <div class="chart run">${axis(span)} ${run.groups.map((group) => groupRows(group, span))}</div>`;
}

const summary = ({ id, state }: ReportedRun, { from, to }: Span): Html =>
  html`<p class="lead">
    ${bareMark(TONES[state])} <b>${state}</b> after ${duration(to - from)}, began ${timeOf(from)}.
    <span class="quiet">${id}</span>
  </p>`;

export const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const axis = (span: Span): Html =>
  html`<div class="axis" aria-hidden="true">
    <div class="scale">
      ${ticksOf(span.to - span.from).map((ms) => html`<span style="left:${percent(ms, span)}%">${tickText(ms)}</span>`)}
    </div>
  </div>`;

const percent = (ms: number, { from, to }: Span): string => ((100 * ms) / Math.max(1, to - from)).toFixed(2);

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];
const MAX_TICKS = 6;

/** Round distances from the start. */
function ticksOf(lengthMs: number): number[] {
  const step = 1_000 * (STEPS_S.find((seconds) => lengthMs / (1_000 * seconds) <= MAX_TICKS) ?? lengthMs / 5_000);
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

function tickText(ms: number): string {
  const seconds = Math.round(ms / 100) / 10;
  const [size, name] = UNITS.find(([unit]) => seconds >= unit && seconds % unit === 0) ?? [1, 's'];
  return `${seconds / size} ${name}`;
}

const groupRows = ({ title, bars }: BarGroup, span: Span): Html =>
  html`<h3>${title}</h3>
    ${bars.map((bar) => barRow(bar, span))}`;

function barRow({ title, state, startedAt, endedAt, changed, error }: Bar, span: Span): Html {
  const tone = BAR_TONES[state];
  const end = endedAt ?? span.to;
  const width = Math.max(0.4, (100 * (end - startedAt)) / Math.max(1, span.to - span.from)).toFixed(2);
  const steps = changed === undefined || changed === 0 ? '' : `, ${changed} changed`;
  return html`<div class="row" title="began ${duration(startedAt - span.from)} after the start${steps}">
    <div class="what">${tone === 'ok' ? undefined : bareMark(tone)} ${title}</div>
    <div class="line">
      <i class="bar ${tone}" style="margin-left:${percent(startedAt - span.from, span)}%;width:${width}%"></i>
    </div>
    <div class="value">${endedAt === undefined ? 'running' : duration(end - startedAt)}</div>
    ${error === undefined ? undefined : html`<div class="error">${error}</div>`}
  </div>`;
}
