import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';

/** In temporal.api.enums.v1.IndexedValueType. */
const INDEXED_VALUE_TYPE_KEYWORD = 2;

/** A workflow that sets an unknown search attribute hangs, so they are there before the first one runs. Idempotent. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD])),
  });
}
