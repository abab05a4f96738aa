import { fitting } from './sizes.js';
import type { Page, PageRequest } from '../../../contract/status.js';

const MAX_PAGE = 50;
/** Of JSON. A page may so have fewer rows than were asked for; the next one starts after them. */
const MAX_PAGE_CHARS = 200_000;

/** Rows of the clusters of a page, in order; clusters without a row are passed over. */
export function pageOf<Row>(
  order: readonly string[],
  { offset, limit, only }: PageRequest,
  rowOf: (cluster: string) => Row | undefined,
): Page<Row> {
  const rows = order
    .filter((cluster) => only === undefined || only.includes(cluster))
    .flatMap((cluster) => rowOf(cluster) ?? []);
  return { total: rows.length, rows: fitting(rows.slice(offset), Math.min(limit, MAX_PAGE), MAX_PAGE_CHARS) };
}
