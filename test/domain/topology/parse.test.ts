import { expect, test } from '@jest/globals';
import { parseTopology, type TopologyProblem } from '../../../src/domain/topology/parse.js';

const valid = `apiVersion: leafspan/v1
name: plant-7
broker:
  name: cluster-a
  hosts:
    - ssh: { address: 203.0.113.10, user: ubuntu, privateKeyFile: ~/.ssh/id_ed25519 }
      internalAddress: 10.0.0.37
leaves:
  - name: cluster-b
    hosts: [{ ssh: { address: 203.0.113.20, user: ubuntu } }]
link: { mode: direct }
`;

const parse = (source: string) => parseTopology(source, (path) => path.replace('~', '/home/me'));

const problemsOf = (source: string): TopologyProblem[] => {
  const parsed = parse(source);
  return parsed.ok ? [] : parsed.problems;
};

test('fills in every default', () => {
  const parsed = parse(valid);
  expect(parsed.ok && parsed.topology).toMatchObject({
    name: 'plant-7',
    broker: {
      role: 'broker',
      hosts: [
        {
          name: 'cluster-a-1',
          ssh: { port: 22, privateKeyFile: '/home/me/.ssh/id_ed25519' },
          internalAddress: '10.0.0.37',
          externalAddress: '203.0.113.10',
          adopt: false,
        },
      ],
    },
    leaves: [{ name: 'cluster-b', role: 'leaf', hosts: [{ internalAddress: '203.0.113.20' }] }],
    link: { mode: 'direct' },
    nats: { subject: 'test.messages', publishEverySeconds: 5, clientNodePort: 30422, leafNodePort: 30722 },
    k3s: { version: 'v1.36.3+k3s1' },
    approvals: [],
    artifacts: { from: 'releases' },
  });
});

test.each<[behaviour: string, from: string, to: string, path: string, message: RegExp]>([
  ['an unknown field', 'name: plant-7', 'name: plant-7\ncolour: red', 'colour', /not a field/],
  ['a wrong type', 'name: plant-7', 'name: 7', 'name', /string/],
  ['a missing field', 'name: plant-7\n', '', 'name', /is missing/],
  [
    'an address in a wrong form',
    '203.0.113.20',
    '203.0.113.999',
    'leaves[0].hosts[0].ssh.address',
    /IPv4 address or a DNS name/,
  ],
  ['a name in capitals', 'cluster-b', 'Cluster_B', 'leaves[0].name', /lower-case/],
  [
    'a leaf named like the broker',
    'name: cluster-b',
    'name: cluster-a',
    'leaves[0].name',
    /name of the broker cluster/,
  ],
  [
    'a host used twice',
    '203.0.113.20',
    '203.0.113.10',
    'leaves[0].hosts[0].ssh.address',
    /also the host of cluster "cluster-a"/,
  ],
  ['an unknown phase', 'link: {', 'approvals: [lunch]\nlink: {', 'approvals[0]', /expected one of/],
  ['a gateway without a mesh', '{ mode: direct }', '{ mode: direct, gateway: {} }', 'link.gateway', /no gateway/],
  ['a NodePort out of range', 'link: {', 'nats: { leafNodePort: 80 }\nlink: {', 'nats.leafNodePort', /30000/],
  [
    'a host key in a wrong form',
    'user: ubuntu }',
    'user: ubuntu, hostKey: abc }',
    'leaves[0].hosts[0].ssh.hostKey',
    /ssh-keygen -lf/,
  ],
])('reports %s with its path', (_behaviour, from, to, path, message) => {
  expect(problemsOf(valid.replace(from, to))).toEqual([
    expect.objectContaining({ path, message: expect.stringMatching(message) as unknown as string }),
  ]);
});

test('reports a duplicate leaf name', () => {
  const source = valid.replace(
    'link:',
    '  - name: cluster-b\n    hosts: [{ ssh: { address: 203.0.113.21, user: ubuntu } }]\nlink:',
  );
  expect(problemsOf(source)).toEqual([
    expect.objectContaining({ path: 'leaves[1].name', value: '"cluster-b"', line: 11, column: 11 }),
  ]);
});

test('reports every problem at once, each with line, value and remedy', () => {
  const problems = problemsOf(valid.replace('name: plant-7', 'name: Plant').replace('user: ubuntu }', 'user: "0 0" }'));
  expect(problems).toEqual([
    expect.objectContaining({
      line: 2,
      column: 7,
      path: 'name',
      value: '"Plant"',
      remedy: expect.any(String) as unknown as string,
    }),
    expect.objectContaining({ line: 10, path: 'leaves[0].hosts[0].ssh.user', value: '"0 0"' }),
  ]);
});

test('tells where a file is no YAML', () => {
  expect(problemsOf('name: [a')).toEqual([expect.objectContaining({ line: 1, path: '' })]);
});

test('wants the addresses written out when a host is named by DNS', () => {
  expect(problemsOf(valid.replace('203.0.113.20', 'edge.example.net')).map(({ message }) => message)).toEqual([
    'internalAddress is missing, and ssh.address "edge.example.net" is a name',
    'externalAddress is missing, and ssh.address "edge.example.net" is a name',
  ]);
});
