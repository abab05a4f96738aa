import { covers, overlap } from '../../contract/topology/ipv4-range.js';

export type Admission = 'allowed' | 'refused' | 'either';

/** What becomes of one who comes from one of these addresses or ranges; from which of them, only the edge sees. */
export function admissionOf(addresses: readonly string[], allow: readonly string[]): Admission {
  if (addresses.every((address) => allow.some((range) => covers(range, address)))) return 'allowed';
  return addresses.some((address) => allow.some((range) => overlap(range, address))) ? 'either' : 'refused';
}
