import { covers, overlap } from '../../contract/topology/ipv4-range.js';
import type { Host } from '../../contract/topology/topology.js';
import type { HostFacts } from './facts.js';
import type { HostRefusal } from './problems.js';

/** Addresses that Kubernetes gives out inside a cluster. */
export interface InnerRange {
  /** Of the topology. */
  field: string;
  cidr: string;
}

/** What the host's own addresses and routes forbid. */
export const networkProblems = (facts: HostFacts, host: Host, ranges: readonly InnerRange[]): HostRefusal[] => [
  ...notItsOwn(facts, host),
  // The ranges of a K3s that was there before are its own.
  ...(host.adopt ? [] : ranges.flatMap((range) => inTheWay(facts, range))),
];

/** K3s binds it, and does not start with an address that the host does not have. */
function notItsOwn({ addresses }: HostFacts, { name, internalAddress }: Host): HostRefusal[] {
  const own = addresses.filter((address) => !covers('127.0.0.0/8', address));
  if (own.length === 0 || own.includes(internalAddress)) return [];
  return [
    refusal(
      `internalAddress: "${internalAddress}" — the host has no such address; it has ${own.join(', ')}`,
      `set internalAddress of host "${name}" to one of them`,
    ),
  ];
}

/** Interfaces that K3s itself makes. */
const OF_K3S = /^(cni|flannel|kube-|veth|cali)/;

/** Pods would get the traffic of what the range covers. A wider route stays as it is, since the narrower one wins. */
function inTheWay({ addresses, routes, operator }: HostFacts, { field, cidr }: InnerRange): HostRefusal[] {
  const others = routes.filter((route) => !OF_K3S.test(route.interface));
  const taken = [
    ...(operator !== undefined && overlap(cidr, operator) ? [`your own address ${operator}`] : []),
    ...others.filter(({ to }) => covers(cidr, to)).map((route) => `the route to ${route.to} over ${route.interface}`),
    ...addresses
      .filter((address) => covers(cidr, address) && others.some(({ to }) => covers(to, address)))
      .map((address) => `the host's address ${address}`),
  ];
  return taken.length === 0
    ? []
    : [
        refusal(
          `${field}: "${cidr}" — on the host it would cover ${taken.join(' and ')}`,
          `choose a range for ${field} that nothing in the host's network uses`,
        ),
      ];
}

const refusal = (message: string, remedy: string): HostRefusal => ({ code: 'PREFLIGHT_FAILED', message, remedy });
