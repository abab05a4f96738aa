import { expect, test } from '@jest/globals';
import type { ProxyConnection } from '../../../src/domain/multicluster/connections.js';
import { formerPath } from '../../../src/domain/multicluster/link-path.js';

const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const now = { mirror: MIRROR, gateway: '192.0.2.10:30143' };
const to = (target: string, changes: Partial<ProxyConnection> = {}): ProxyConnection => ({
  ...{ direction: 'outbound', peer: 'dst', authority: MIRROR, target, tls: true, open: 1 },
  ...changes,
});
const CLUSTER_IP = '10.43.0.9';
const DIALLED = ['10.43.0.9:7422'];

test.each<[path: string, seen: Partial<Parameters<typeof formerPath>[0]>, former: string[]]>([
  ['the way of now', {}, []],
  ['no link', { dialled: [], connections: [] }, []],
  ['a mirrored Service that was made anew', { clusterIp: '10.43.0.77' }, DIALLED],
  ['a mirrored Service that is not there', { clusterIp: undefined }, DIALLED],
  ['neither a Service nor a link', { clusterIp: undefined, dialled: [], connections: [] }, []],
  ['a gateway on another port', { connections: [to('192.0.2.10:4143')] }, ['192.0.2.10:4143']],
  ['both', { clusterIp: '10.43.0.77', connections: [to('192.0.2.9:30143')] }, [...DIALLED, '192.0.2.9:30143']],
  ['a connection that has ended', { connections: [to('192.0.2.10:4143', { open: 0 })] }, []],
  ['connections to others', { connections: [to('10.0.0.1:80', { authority: 'linkerd-dst:8086' })] }, []],
  ['connections of others', { connections: [to('10.42.0.9:7422', { direction: 'inbound' })] }, []],
])('%s: names what leads nowhere any more', (_path, seen, former) => {
  const all = { dialled: DIALLED, clusterIp: CLUSTER_IP, connections: [to('192.0.2.10:30143')], ...seen };
  expect(formerPath(all, now)).toEqual(former);
});
