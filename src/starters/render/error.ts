import { ERROR_CODES, type ErrorCode, type Where } from '../../contract/errors.js';
import type { Style } from './style.js';

/** A failure in the form in which it is printed. */
export interface Shown {
  code: string;
  message: string;
  where?: Where;
  remedy?: string | undefined;
  /** Heading in docs/troubleshooting.md. */
  hint?: string | undefined;
  output?: string | undefined;
}

const isErrorCode = (code: string): code is ErrorCode => code in ERROR_CODES;

export const exitOf = (code: string): number => (isErrorCode(code) ? ERROR_CODES[code].exit : 1);

const placeOf = ({ cluster, host }: Where = {}): string | undefined => {
  const parts = [cluster, host].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('/');
};

/** `where: message`, then the remedy and the place in the documentation, each on a line of its own. */
export function renderError({ code, message, where, remedy, hint, output }: Shown, style: Style): string {
  const anchor = hint ?? (isErrorCode(code) ? ERROR_CODES[code].hint : undefined);
  const place = placeOf(where);
  const prefix = place === undefined || message.startsWith(place) ? '' : `${place}: `;
  const lines = [style.red(`${prefix}${message}`)];
  if (output !== undefined && output !== '') lines.push(...output.split('\n').map((line) => style.dim(`  | ${line}`)));
  if (remedy !== undefined) lines.push(`${style.bold('hint:')} ${remedy}`);
  lines.push(style.dim(anchor === undefined ? `(${code})` : `docs: docs/troubleshooting.md#${anchor} (${code})`));
  return lines.join('\n');
}
