import { existsSync, readdirSync } from 'node:fs';
import { ProvisionError } from '../../contract/errors.js';
import type { HostNames, LabNames } from '../names.js';

/** The hosts that have a directory, in order. */
export const knownHosts = (names: LabNames): HostNames[] =>
  existsSync(names.hostsDir)
    ? readdirSync(names.hostsDir)
        .filter((name) => /^vm-[a-z]$/.test(name))
        .sort()
        .map((name) => names.host(name))
    : [];

export function hostOf(names: LabNames, host: string): HostNames {
  const known = knownHosts(names);
  const found = known.find((each) => each.host === host);
  if (found) return found;
  const have = known.length > 0 ? `it has ${known.map((each) => each.host).join(', ')}` : 'it has none';
  const message = `the lab "${names.name}" has no host "${host}"; ${have}`;
  throw new ProvisionError(
    'LAB_UNKNOWN_HOST',
    message,
    known.length > 0 ? 'use one of these' : 'create hosts with: lab up',
  );
}
