import { networkOf, overlap } from '../../contract/topology/ipv4-range.js';
import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import type { BrokenRule } from './broken-rule.js';

type Path = (string | number)[];
type HostFile = TopologyFile['broker']['hosts'][number];

interface PlacedHost {
  path: Path;
  name: string;
  host: HostFile;
}

const hostsIn = (file: TopologyFile): PlacedHost[] =>
  [
    { path: ['broker'], cluster: file.broker },
    ...file.leaves.map((cluster, index) => ({ path: ['leaves', index], cluster })),
  ].flatMap(({ path, cluster }) =>
    cluster.hosts.map((host, index) => ({
      path: [...path, 'hosts', index],
      name: host.name ?? `${cluster.name}-${index + 1}`,
      host,
    })),
  );

/** One machine under two names: two configurations would fight over it. */
export function sameMachines(file: TopologyFile): BrokenRule[] {
  const [keys, places] = [new Map<string, string>(), new Map<string, string>()];
  return hostsIn(file).flatMap(({ path, name, host: { ssh, internalAddress, externalAddress } }) => {
    // Sites may share internal addresses; behind one external address they are one network.
    const place = `${internalAddress ?? ssh.address} ${externalAddress ?? ssh.address}`;
    const [ofKey, ofPlace] = [keys.get(ssh.hostKey ?? ''), places.get(place)];
    if (ssh.hostKey !== undefined) keys.set(ssh.hostKey, ofKey ?? name);
    places.set(place, ofPlace ?? name);
    if (ofKey !== undefined)
      return [
        {
          path: [...path, 'ssh', 'hostKey'],
          message: `it is also the host key of host "${ofKey}"`,
          remedy: 'a host runs one cluster; name another host, or give a cloned one keys of its own: ssh-keygen -A',
        },
      ];
    // The same address and port is another rule's.
    if (ofPlace === undefined || (internalAddress ?? externalAddress) === undefined) return [];
    return [
      {
        path: [...path, internalAddress === undefined ? 'externalAddress' : 'internalAddress'],
        message: `host "${ofPlace}" has the same internalAddress and externalAddress`,
        remedy: 'a host runs one cluster; name another host, or correct its addresses',
      },
    ];
  });
}

const FIELDS = ['clusterCidr', 'serviceCidr'] as const;
/** This host, loopback, link-local, multicast and reserved. */
const NOT_FOR_HOSTS = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'];
/** The API server takes no wider range of Services. */
const WIDEST_OF_SERVICES = 12;

/** Pods and Services get addresses that nothing else has. */
export const innerRanges = (file: TopologyFile): BrokenRule[] => [
  ...FIELDS.flatMap((field) => {
    const why = unfit(field, file.k3s[field]) ?? coversHost(file, field);
    return why === undefined ? [] : [{ path: ['k3s', field], ...why }];
  }),
  ...(overlap(file.k3s.clusterCidr, file.k3s.serviceCidr)
    ? [
        {
          path: ['k3s', 'serviceCidr'],
          message: `it overlaps k3s.clusterCidr ${file.k3s.clusterCidr}`,
          remedy: 'choose two ranges that have no address in common',
        },
      ]
    : []),
];

type Why = Pick<BrokenRule, 'message' | 'remedy'>;

function unfit(field: (typeof FIELDS)[number], cidr: string): Why | undefined {
  const network = networkOf(cidr);
  if (network !== undefined && network !== cidr)
    return { message: 'the address has bits beyond its prefix', remedy: `write ${network}` };
  const special = NOT_FOR_HOSTS.find((range) => overlap(range, cidr));
  if (special !== undefined)
    return {
      message: `it overlaps ${special}, which is not for hosts`,
      remedy: 'choose a private range, such as one in 10.0.0.0/8',
    };
  if (field === 'serviceCidr' && Number(cidr.split('/')[1]) < WIDEST_OF_SERVICES)
    return { message: 'Kubernetes takes at most /12 for Services', remedy: 'choose a narrower range, such as a /16' };
  return undefined;
}

const ADDRESSES = ['ssh.address', 'internalAddress', 'externalAddress'] as const;

function coversHost(file: TopologyFile, field: (typeof FIELDS)[number]): Why | undefined {
  for (const { name, host } of hostsIn(file)) {
    const values = [host.ssh.address, host.internalAddress, host.externalAddress];
    const at = values.findIndex((value) => value !== undefined && overlap(file.k3s[field], value));
    if (at >= 0)
      return {
        message: `it covers ${values[at] ?? ''}, the ${ADDRESSES[at] ?? ''} of host "${name}"`,
        remedy: 'choose a range that is not used where the hosts are',
      };
  }
  return undefined;
}
