import { covers } from '../../contract/topology/ipv4-range.js';

export type Admission = 'allowed' | 'refused' | 'either';

/** What becomes of one who comes from one of these addresses; which of them, only the edge sees. */
export function admissionOf(addresses: readonly string[], allow: readonly string[]): Admission {
  const listed = addresses.filter((address) => allow.some((range) => covers(range, address)));
  if (listed.length === 0) return 'refused';
  return listed.length === addresses.length ? 'allowed' : 'either';
}
