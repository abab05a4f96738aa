import type { Failing } from '../seen.js';

export const PAIR = 'cluster-a → cluster-b';
const BACK = 'cluster-b → cluster-a';

/** A fault, the checks that fail with it, and the one that doctor has to name first. */
export type Fault = readonly [fault: string, failing: Failing, first: string];

/** What fails above a link that carries nothing. */
export const NO_LINK: Failing = { 'leaf-linked@cluster-b': 'no link', 'broker-lists-leaf@cluster-b': 'no connection' };
export const NO_MESSAGES: Failing = {
  [`message-broker-to-leaf@${PAIR}`]: 'no message arrived within 3 s',
  [`message-leaf-to-broker@${BACK}`]: 'no message arrived within 3 s',
  [`subscriber-receives-publisher@${PAIR}`]: 'no message',
};
export const NO_MIRROR: Failing = {
  [`service-mirrored@${PAIR}`]: 'no endpoint',
  'link-healthy@cluster-b': 'liveness checks failed',
};
export const NO_GATEWAY: Failing = { [`gateway-alive@${PAIR}`]: 'no response', ...NO_MIRROR, ...NO_LINK };
export const drift = (part: string, what = 'it was changed'): Failing => ({ [`part-as-wanted@${part}`]: what });
