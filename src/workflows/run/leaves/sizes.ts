import { cut } from '../../../contract/printable.js';
import type { StatusError } from '../../../contract/status.js';

/** Characters of JSON up to which rows are written in full, so that no payload passes 256 KB. */
const MAX_CHARS = 40_000;

/** The first rows, as many as fit, and at least one. */
export function fitting<Row>(rows: readonly Row[], maxRows: number, maxChars = MAX_CHARS): Row[] {
  let left = maxChars;
  const end = rows.findIndex((row, index) => {
    left -= JSON.stringify(row).length;
    return index >= maxRows || (index > 0 && left < 0);
  });
  return end < 0 ? [...rows] : rows.slice(0, end);
}

/** All rows. Errors are in full while they fit; the rest of them is shortened. */
export function withFittingErrors<Row extends { error?: StatusError }>(rows: readonly Row[]): Row[] {
  let left = MAX_CHARS;
  return rows.map((row) => {
    if (row.error === undefined) return row;
    left -= JSON.stringify(row.error).length;
    return left >= 0 ? row : { ...row, error: { code: row.error.code, message: cut(row.error.message, 40) } };
  });
}
