import type { CheckResult } from '../../contract/checks.js';

/** `id@subject`. */
export type Key = string;

export const keyOf = ({ id, subject }: Pick<CheckResult, 'id' | 'subject'>): Key => `${id}@${subject}`;

/** What a check came to, with what the graph of causes needs to know of it. A skipped one was not looked at. */
export interface Examined extends CheckResult {
  /** The cluster that it belongs to; of a pair, the leaf. */
  cluster: string;
  /** Checks without which it was not looked at. */
  needs: readonly Key[];
  /** Parts whose change may explain it, its own and those that this one stands on: `part:broker`, `hub/part:gateway`. */
  standsOn: readonly string[];
  /** The part that it compares with the topology. */
  part?: string;
  /** Neither the statement nor its opposite was seen: there was no response in time, or an error. */
  silent?: true;
}

/** A cluster as a person reaches and names it. */
export interface Place {
  cluster: string;
  host: string;
  /** What follows `ssh`, such as `-p 2222 ubuntu@192.0.2.10`. */
  login: string;
  internalAddress: string;
  externalAddress: string;
  /** The firewall that is active on the host: ufw, firewalld or iptables. */
  firewall?: string;
}

/** The system that was looked at. */
export interface Patient {
  topology: string;
  hub: string;
  places: readonly Place[];
}

/** @throws RangeError for a cluster that is not there */
export function placeOf({ places }: Patient, cluster: string): Place {
  const found = places.find((place) => place.cluster === cluster);
  if (found === undefined) throw new RangeError(`no cluster "${cluster}"`);
  return found;
}
