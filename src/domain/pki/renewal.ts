import { isHub, type Scope } from '../../contract/topology/scope.js';
import { RENEW_BEFORE_DAYS } from './profiles.js';

/** Leaves that were provisioned in one hour would all end in one hour: they are renewed over so many days before the last one. */
const SPREAD_DAYS = 30;

/** What gains less time is not renewed, so that a renewal of everything comes to an end too. */
export const LEAST_GAIN_DAYS = 1;

/** Whether a run brings new certificates and nothing else. */
export const isRenewal = ({ settings: { renewal } }: Pick<Scope, 'settings'>): boolean => renewal?.alone === true;

/**
 * So many days before its end a certificate of the cluster is renewed: the hub's first, since leaves have copies of some,
 * then each leaf on a day of its own, which follows from its name. None has fewer than RENEW_BEFORE_DAYS.
 */
export function renewBeforeDays(scope: Pick<Scope, 'settings' | 'cluster'>): number {
  const { settings, cluster } = scope;
  if (settings.renewal?.withinDays !== undefined) return settings.renewal.withinDays;
  return isHub(scope)
    ? RENEW_BEFORE_DAYS + SPREAD_DAYS
    : RENEW_BEFORE_DAYS + (hashOf(`${settings.name}/${cluster.name}`) % SPREAD_DAYS);
}

/** FNV-1a of 32 bits, whose low bits are mixed once more: names that differ in their last digit come out far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
