import { ERROR_CODES, type ErrorCode, type Where } from '../../contract/errors.js';
import type { StatusError } from '../../contract/status.js';
import type { Style } from './style.js';

/** A failure in the form in which it is printed. */
export interface Shown {
  code: string;
  message: string;
  where?: Where;
  /** What the user must do. */
  hint?: string | undefined;
  /** Heading in docs/troubleshooting.md. */
  docs?: string | undefined;
  output?: string | undefined;
}

const isErrorCode = (code: string): code is ErrorCode => code in ERROR_CODES;

export const exitOf = (code: string): number => (isErrorCode(code) ? ERROR_CODES[code].exit : 1);

const placeOf = ({ cluster, host }: Where = {}): string | undefined => {
  const parts = [cluster, host].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('/');
};

/** `where: message`, then the output, the hint and the heading in the docs, each on lines of their own. */
export function renderError({ code, message, where, hint, docs, output }: Shown, style: Style): string {
  const heading = docs ?? (isErrorCode(code) ? ERROR_CODES[code].docs : undefined);
  const place = placeOf(where);
  const prefix = place === undefined || message.startsWith(place) ? '' : `${place}: `;
  const lines = [style.red(`${prefix}${message}`)];
  if (output !== undefined && output !== '') lines.push(...output.split('\n').map((line) => style.dim(`  | ${line}`)));
  if (hint !== undefined) lines.push(...hintLines(hint, style));
  lines.push(style.dim(heading === undefined ? `(${code})` : `docs: docs/troubleshooting.md#${heading} (${code})`));
  return lines.join('\n');
}

/** The error of a cluster among others, set in by two columns. */
export const renderClusterError = (cluster: string, error: StatusError, style: Style): string[] =>
  renderError({ ...error, where: { cluster } }, style)
    .split('\n')
    .map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`));

/** Several problems of one host have a hint each. */
const hintLines = (hint: string, style: Style): string[] =>
  hint.split('\n').map((line) => `${style.bold('hint:')} ${line}`);
