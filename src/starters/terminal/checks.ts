import type { CheckCounts, CheckResult } from '../../contract/checks.js';
import { padEnd, widthOf, type Style } from './style.js';

/** Every check, grouped by category in the order in which they came. */
export function renderChecks(checks: readonly CheckResult[], style: Style): string {
  const subjectWidth = Math.max(0, ...checks.map(({ subject }) => widthOf(subject)));
  const categories = [...new Set(checks.map(({ category }) => category))];
  return categories
    .map((category) => {
      const lines = checks
        .filter((check) => check.category === category)
        .flatMap((check) => checkLines(check, subjectWidth, style));
      return [style.bold(category), ...lines].join('\n');
    })
    .join('\n');
}

const hasFailed = ({ verdict }: CheckResult): boolean => verdict.state === 'fail';

/** Only those that fail, warnings included. */
export const renderFailedChecks = (checks: readonly CheckResult[], style: Style): string[] =>
  checks.filter(hasFailed).flatMap((check) => checkLines(check, 0, style));

function checkLines(
  { subject, title, severity, verdict, docs, id }: CheckResult,
  width: number,
  style: Style,
): string[] {
  const text = `${padEnd(subject, width)}  ${title}`;
  if (verdict.state === 'pass')
    return [`  ${style.green('✔')} ${text}${verdict.note === undefined ? '' : style.dim(` (${verdict.note})`)}`];
  if (verdict.state === 'skip') return [`  ${style.dim(`– ${text} (skipped: ${verdict.because})`)}`];
  const [mark, paint] = severity === 'error' ? ['✖', style.red] : ['!', style.yellow];
  return [
    `  ${paint(mark)} ${text}`,
    `      because: ${verdict.because}`,
    ...(verdict.saw === undefined ? [] : [`      saw: ${verdict.saw}`]),
    style.dim(`      docs: docs/troubleshooting.md#${docs} (${id})`),
  ];
}

/** `20 passed, 0 failed`. */
export const checksText = ({ passed, failed, warned, skipped }: CheckCounts): string =>
  [
    `${passed} passed`,
    `${failed} failed`,
    ...(warned === 0 ? [] : [`${warned} warned`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(', ');
