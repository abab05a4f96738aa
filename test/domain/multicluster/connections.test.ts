import { expect, test } from '@jest/globals';
import { parseConnections } from '../../../src/domain/multicluster/connections.js';

/** In the shape that the proxies of edge-26.8.3 print. */
const identity = (account: string): string => `${account}.serviceaccount.identity.linkerd.cluster.local`;
const GATEWAY = identity('linkerd-gateway.linkerd-multicluster');
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const toGateway = `tcp_open_connections{direction="outbound",peer="dst",authority="${MIRROR}",target_addr="192.0.2.10:4143",target_ip="192.0.2.10",target_port="4143",tls="true",server_id="${GATEWAY}",dst_service="nats-broker",dst_target_cluster="cluster-a"} 1`;
const fromGateway = `tcp_open_connections{direction="inbound",peer="src",target_addr="10.42.0.9:7422",target_ip="10.42.0.9",target_port="7422",tls="true",client_id="${GATEWAY}",srv_kind="default",srv_name="all-unauthenticated"} 2`;
const kubelet =
  'tcp_open_connections{direction="inbound",peer="src",target_addr="10.42.0.9:8222",tls="no_identity",no_tls_reason="no_tls_from_remote"} 0';

test.each([
  [
    'the leaf node’s, with what it dialled and who answered',
    toGateway,
    {
      direction: 'outbound',
      peer: 'dst',
      authority: MIRROR,
      target: '192.0.2.10:4143',
      tls: true,
      serverId: GATEWAY,
      open: 1,
    },
  ],
  [
    'the broker’s, with who dialled',
    fromGateway,
    { direction: 'inbound', peer: 'src', target: '10.42.0.9:7422', tls: true, clientId: GATEWAY, open: 2 },
  ],
  [
    'one without TLS, and without an identity',
    kubelet,
    { direction: 'inbound', peer: 'src', target: '10.42.0.9:8222', tls: false, open: 0 },
  ],
  ['one without labels', 'tcp_open_connections{} 3', { direction: '', peer: '', target: '', tls: false, open: 3 }],
])('reads a connection: %s', (_connection, line, read) => {
  expect(parseConnections(line)).toEqual([read]);
});

test('reads the open connections alone, in their order', () => {
  const metrics = [
    '# HELP tcp_open_connections Number of currently-open connections.',
    '# TYPE tcp_open_connections gauge',
    toGateway,
    fromGateway,
    toGateway.replace('tcp_open_connections', 'tcp_open_total'),
    `outbound_${toGateway}`,
    'process_start_time_seconds 1795536000',
    '',
  ].join('\n');
  expect(parseConnections(metrics).map(({ direction }) => direction)).toEqual(['outbound', 'inbound']);
});

test('finds no connection in nothing', () => {
  expect(parseConnections('')).toEqual([]);
});
