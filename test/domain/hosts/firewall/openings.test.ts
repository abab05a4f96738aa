import { expect, test } from '@jest/globals';
import type { Topology } from '../../../../src/contract/topology/topology.js';
import { openingsOf, type Opening } from '../../../../src/domain/hosts/firewall/openings.js';
import { GATEWAY, hostNamed, LOAD_BALANCER, nginxEdge, twoClusters, twoLeaves } from '../../../support/topologies.js';

const openingsOn = (host: string, topology: Topology): readonly Opening[] =>
  openingsOf(topology).find((each) => each.host === host)?.openings ?? [];

const textOf = ({ sources, port }: Opening): string => `${sources.join(' ')} > ${port ?? 'all'}`;

const INNER = ['10.42.0.0/16 > all', '10.43.0.0/16 > all'];
const SSH = '0.0.0.0/0 > 22';
const CLIENTS = '0.0.0.0/0 > 30422';

const mesh = (gateway = GATEWAY): Partial<Topology> => ({ link: { mode: 'mesh', gateway } });
const closed = { nats: { ...twoClusters().nats, edge: 'none' as const } };

test.each<[what: string, changes: Partial<Topology>, hub: string[]]>([
  ['direct links', {}, ['192.0.2.20 > 30722', CLIENTS]],
  [
    'a mesh with a gateway on node ports',
    mesh(),
    ['192.0.2.20 > 6443', '192.0.2.20 > 30143', '192.0.2.20 > 30191', CLIENTS],
  ],
  [
    'a mesh with a gateway on a load balancer',
    mesh(LOAD_BALANCER),
    ['192.0.2.20 > 6443', '192.0.2.20 > 4143', '192.0.2.20 > 4191', CLIENTS],
  ],
  [
    'a mesh without an edge',
    { ...mesh(), ...closed },
    ['192.0.2.20 > 6443', '192.0.2.20 > 30143', '192.0.2.20 > 30191'],
  ],
  ['NGINX and readers of its monitoring', nginxEdge(), ['192.0.2.20 > 30722', CLIENTS, '192.0.2.16/28 > 30443']],
  ['two leaves', { leaves: twoLeaves() }, ['192.0.2.20 192.0.2.30 > 30722', CLIENTS]],
])(
  'with %s the hub lets in what the leaf hosts dial, and a leaf host only SSH and its own pods',
  (_what, changes, hub) => {
    const topology = twoClusters(changes);
    expect(openingsOn('vm-a', topology).map(textOf)).toEqual([SSH, ...hub, ...INNER]);
    expect(openingsOn('vm-b', topology).map(textOf)).toEqual([SSH, ...INNER]);
  },
);

test('the networks of K3s are let in by the host itself, not by firewalls on the way', () => {
  const within = openingsOn('vm-b', twoClusters()).filter(({ crossesNetworks }) => !crossesNetworks);
  expect(within.map(textOf)).toEqual(INNER);
});

test.each([
  ['public', '203.0.113.10', ['198.51.100.7']],
  ['private', '10.0.0.10', ['198.51.100.7', '10.0.0.20']],
])('a hub at a %s address sees the leaf hosts at the addresses that they have there', (_what, address, sources) => {
  const leaf = { ...hostNamed('vm-b', 'cluster-b', '198.51.100.7'), internalAddress: '10.0.0.20' };
  const topology = twoClusters({
    broker: { name: 'cluster-a', role: 'broker', hosts: [hostNamed('vm-a', 'cluster-a', address)] },
    leaves: [{ name: 'cluster-b', role: 'leaf', hosts: [leaf] }],
  });
  expect(openingsOn('vm-a', topology).find(({ port }) => port === 30_722)?.sources).toEqual(sources);
});

test('behind a jump host SSH comes from there, at the port that the topology names', () => {
  const host = hostNamed('vm-b', 'cluster-b', '192.0.2.20');
  const ssh = { ...host.ssh, port: 2222, jump: [{ address: '192.0.2.1' }, { address: '10.0.0.1' }] };
  const topology = twoClusters({ leaves: [{ name: 'cluster-b', role: 'leaf', hosts: [{ ...host, ssh }] }] });
  expect(openingsOn('vm-b', topology).map(textOf)).toEqual(['10.0.0.1 > 2222', ...INNER]);
});
