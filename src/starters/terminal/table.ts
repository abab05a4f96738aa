import { padEnd, widthOf, type Style } from './style.js';

/** Columns as wide as their widest cell. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const widths = head.map((title, index) => Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map(widthOf)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => padEnd(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [style.dim(line(head)), ...rows.map(line)].join('\n');
}
