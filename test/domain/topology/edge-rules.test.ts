import { expect, test } from '@jest/globals';
import { parseTopology } from '../../../src/domain/topology/parse.js';

const topology = (nats: string): string => `apiVersion: leafspan/v1
name: plant-7
broker: { name: cluster-a, hosts: [{ ssh: { address: 203.0.113.10, user: ubuntu } }] }
leaves: [{ name: cluster-b, hosts: [{ ssh: { address: 203.0.113.20, user: ubuntu } }] }]
nats: ${nats}
`;

const parse = (nats: string) => parseTopology(topology(nats), (path) => path);

test('monitoring has a port of its own', () => {
  const parsed = parse('{ edge: nginx, monitoring: { allow: [192.0.2.7, 198.51.100.0/24] } }');
  expect(parsed.ok && parsed.topology.nats).toMatchObject({
    edge: 'nginx',
    monitoring: { allow: ['192.0.2.7', '198.51.100.0/24'], port: 30_443 },
  });
});

test.each<[behaviour: string, nats: string, path: string, message: RegExp]>([
  [
    'monitoring without NGINX',
    '{ monitoring: { allow: [192.0.2.7] } }',
    'nats.monitoring',
    /nats\.edge "nodePort" has no allow-list/,
  ],
  [
    'a list of readers that is empty',
    '{ edge: nginx, monitoring: { allow: [] } }',
    'nats.monitoring.allow',
    /^is empty$/,
  ],
  [
    'a reader that is no address',
    '{ edge: nginx, monitoring: { allow: [192.0.2.0/33] } }',
    'nats.monitoring.allow[0]',
    /IPv4 address or range/,
  ],
  [
    'a reader that is listed twice',
    '{ edge: nginx, monitoring: { allow: [192.0.2.0/24, 192.0.2.7] } }',
    'nats.monitoring.allow[1]',
    /^192\.0\.2\.7 has addresses of 192\.0\.2\.0\/24/,
  ],
  [
    'monitoring at the port of clients',
    '{ edge: nginx, monitoring: { allow: [192.0.2.7], port: 30422 } }',
    'nats.monitoring.port',
    /^30422 is also nats\.clientNodePort$/,
  ],
  ['the retired controller as the edge', '{ edge: ingress-nginx }', 'nats.edge', /retired/],
  ['an edge that is none of them', '{ edge: traefik }', 'nats.edge', /expected one of/],
  [
    'the retired controller as an image',
    '{ edge: nginx, images: { edge: "registry.k8s.io/ingress-nginx/controller:v1.14.0" } }',
    'nats.images.edge',
    /retired/,
  ],
])('reports %s with its path and what to do', (_behaviour, nats, path, message) => {
  const parsed = parse(nats);
  expect(parsed.ok ? [] : parsed.problems).toEqual([
    expect.objectContaining({
      path,
      message: expect.stringMatching(message) as unknown,
      remedy: expect.any(String) as unknown,
    }),
  ]);
});
