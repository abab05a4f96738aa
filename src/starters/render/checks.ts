import type { CheckResult } from '../../contract/checks.js';
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

/** Those alone that do not hold. */
export const renderFailedChecks = (checks: readonly CheckResult[], style: Style): string[] =>
  checks.filter(({ verdict }) => verdict.state === 'fail').flatMap((check) => checkLines(check, 0, style));

function checkLines(
  { subject, title, severity, verdict, hint, id }: CheckResult,
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
    style.dim(`      docs: docs/troubleshooting.md#${hint} (${id})`),
  ];
}

export function countChecks(checks: readonly CheckResult[]): string {
  const count = (state: string, severity?: string): number =>
    checks.filter((check) => check.verdict.state === state && (severity ?? check.severity) === check.severity).length;
  const [warnings, skipped] = [count('fail', 'warning'), count('skip')];
  return [
    `${count('pass')} passed`,
    `${count('fail', 'error')} failed`,
    ...(warnings === 0 ? [] : [`${warnings} warned`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(', ');
}
