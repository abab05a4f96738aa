import type { KubernetesObject } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';

/** Our label says so, or, when it was taken off, the fields that we have applied. */
export const isOurs = ({ metadata }: KubernetesObject): boolean =>
  metadata?.labels?.[OWNER_LABEL] === FIELD_MANAGER ||
  metadata?.managedFields?.some(({ manager }) => manager === FIELD_MANAGER) === true;
