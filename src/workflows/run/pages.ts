import type { Page, PageRequest } from '../../contract/status.js';

const MAX_PAGE = 50;

/** Rows of the clusters of a page, in order; clusters without a row are passed over. */
export function pageOf<Row>(
  order: readonly string[],
  { offset, limit, only }: PageRequest,
  rowOf: (cluster: string) => Row | undefined,
): Page<Row> {
  const rows = order
    .filter((cluster) => only === undefined || only.includes(cluster))
    .flatMap((cluster) => rowOf(cluster) ?? []);
  return { total: rows.length, rows: rows.slice(offset, offset + Math.min(limit, MAX_PAGE)) };
}
