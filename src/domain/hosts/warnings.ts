import { covers, overlap } from '../../contract/topology/ipv4-range.js';
import type { HostState, Warning } from '../../contract/plan.js';
import { commandsFor, FIREWALLS } from './firewall/commands.js';
import { ANYWHERE, type Opening } from './firewall/openings.js';
import type { HostFacts } from './facts.js';
import type { InnerRange } from './network-problems.js';

/** The networks within the cluster, and what a firewall must let in for them. */
interface Inner {
  ranges: readonly InnerRange[];
  openings: readonly Opening[];
  /** manage: leafspan opens it. */
  firewall?: 'manage' | undefined;
}

/** What was seen that often makes a run fail, though not always. A system that runs has shown that it does not. */
export const warningsOf = (facts: HostFacts, { ranges, openings, firewall }: Inner, state: HostState): Warning[] => [
  ...(facts.nameResolves
    ? []
    : [
        {
          message: "the host's own name does not resolve, so each sudo may wait for the resolver",
          remedy: 'add it to /etc/hosts: echo "127.0.1.1 $(uname -n)" | sudo tee -a /etc/hosts',
        },
      ]),
  ...(state === 'ours'
    ? []
    : [
        ...(firewall === 'manage' ? [] : ofFirewall(facts, openings)),
        ...ofKernel(facts),
        ...ofRoutes(facts, ranges),
        ...(firewall === 'manage' ? ofClosedPorts(facts) : ofPorts(facts)),
      ]),
];

/** Rules that name a range let it through, as far as can be seen from here. */
function ofFirewall({ firewall, firewallNames }: HostFacts, openings: readonly Opening[]): Warning[] {
  const isNamed = (cidr: string): boolean => firewallNames.some((named) => covers(named, cidr) && named !== ANYWHERE);
  const closed = openings.filter(({ sources }) => !sources.every(isNamed));
  if (firewall === undefined || closed.length === 0) return [];
  const names = closed.flatMap(({ sources }) => sources).join(' or ');
  return [
    {
      message: `a firewall is active (${firewall}), and no rule of it names ${names}: pods may not reach the API server and DNS`,
      remedy: commandsFor(FIREWALLS.find((known) => known === firewall) ?? 'iptables', closed).join('; '),
    },
  ];
}

const ofKernel = ({ cgroupV1, selinuxWithoutPolicy }: HostFacts): Warning[] => [
  ...(cgroupV1
    ? [
        {
          message: 'the host uses control groups v1, which the kubelet of Kubernetes 1.35 and later refuses by default',
          remedy: 'boot with systemd.unified_cgroup_hierarchy=1, or use a newer system',
        },
      ]
    : []),
  ...(selinuxWithoutPolicy
    ? [
        {
          message: "SELinux is enforced, and K3s's policy for it is not installed",
          remedy: 'install the package k3s-selinux on the host',
        },
      ]
    : []),
];

/** A route that is wider than the range keeps working, but for the addresses of the range. */
const ofRoutes = ({ routes }: HostFacts, ranges: readonly InnerRange[]): Warning[] =>
  ranges.flatMap(({ field, cidr }) =>
    routes
      .filter(({ to }) => overlap(to, cidr) && !covers(cidr, to))
      .map((route) => ({
        message: `${field}: "${cidr}" — it is part of ${route.to}, which the host reaches over ${route.interface}`,
        remedy: `choose another range for ${field} if anything uses addresses of this one`,
      })),
  );

const ofPorts = ({ reach }: HostFacts): Warning[] =>
  reach
    .filter(({ state, optional }) => state === 'filtered' && optional === true)
    .map(({ address, port }) => ({
      message: `no response from ${address}:${port}, so clients here will not reach the broker`,
      remedy: `open port ${port} towards this host in the firewall of ${address}, unless no client needs it`,
    }));

/** Not to be told from a firewall on the way, which nothing here can open. */
const ofClosedPorts = ({ reach }: HostFacts): Warning[] =>
  reach
    .filter(({ state }) => state === 'filtered')
    .map(({ address, port }) => ({
      message: `no response from ${address}:${port} yet`,
      remedy: `leafspan opens it on the host itself; in firewalls between the hosts, open port ${port} towards this host`,
    }));
