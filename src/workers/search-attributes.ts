import type { Connection } from '@temporalio/client';
import { fieldOf, messageOf, textOf } from '../contract/caught.js';
import { ProvisionError } from '../contract/errors.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';

/** In temporal.api.enums.v1.IndexedValueType. */
const INDEXED_VALUE_TYPE_KEYWORD = 2;
/** gRPC's PERMISSION_DENIED, UNIMPLEMENTED and UNAUTHENTICATED: as Temporal Cloud, or an authorizer, responds to operators' calls. */
const FORBIDDEN: readonly unknown[] = [7, 12, 16];
const ALREADY_EXISTS = 6;

type Operator = Pick<Connection['operatorService'], 'listSearchAttributes' | 'addSearchAttributes'>;

/**
 * A workflow that sets an unknown search attribute hangs, so they are there before the first one runs. Idempotent. Where
 * even looking is forbidden they may be there all the same: the start of a run tells.
 * @throws ProvisionError TEMPORAL_REFUSED when they are missing and adding them is forbidden
 */
export async function registerSearchAttributes(operator: Operator, namespace: string): Promise<void> {
  const missing = await missingAttributes(operator, namespace);
  if (missing.length === 0) return;
  try {
    await operator.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD])),
    });
  } catch (error) {
    if (fieldOf(error, 'code') === ALREADY_EXISTS) return; // another worker was faster
    throw FORBIDDEN.includes(fieldOf(error, 'code')) ? mayNotAdd(namespace, missing, error) : error;
  }
}

async function missingAttributes(operator: Operator, namespace: string): Promise<string[]> {
  try {
    const { customAttributes } = await operator.listSearchAttributes({ namespace });
    return Object.values(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
  } catch (error) {
    if (FORBIDDEN.includes(fieldOf(error, 'code'))) return [];
    throw error;
  }
}

const mayNotAdd = (namespace: string, missing: readonly string[], error: unknown): ProvisionError =>
  new ProvisionError(
    'TEMPORAL_REFUSED',
    `search attributes are missing in namespace "${namespace}" (${missing.join(', ')}), and this account may not add them: ${textOf(error, 'details') ?? messageOf(error)}`,
    `whoever administers the server can: temporal operator search-attribute create -n ${namespace} ${missing
      .map((name) => `--name ${name} --type Keyword`)
      .join(' ')}`,
  );
