import { expect, test } from '@jest/globals';
import { parse, problemsOf, valid } from '../../support/topology-text.js';

test('fills in every default', () => {
  const parsed = parse(valid);
  expect(parsed.ok && parsed.topology).toMatchObject({
    name: 'plant-7',
    broker: {
      role: 'broker',
      hosts: [
        {
          name: 'cluster-a-1',
          ssh: { user: 'ubuntu', privateKeyFile: '/home/me/.ssh/id_ed25519' },
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
  ['an empty field', 'name: plant-7', 'name:', 'name', /is empty/],
  ['a missing field', 'name: plant-7\n', '', 'name', /is missing/],
  [
    'an address in a wrong form',
    '203.0.113.20',
    '203.0.113.999',
    'leaves[0].hosts[0].ssh.address',
    /IPv4 address, an IPv6 address/,
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
  [
    'one port for clients and leaf nodes',
    'link: {',
    'nats: { clientNodePort: 30500, leafNodePort: 30500 }\nlink: {',
    'nats.leafNodePort',
    /^30500 is also nats\.clientNodePort$/,
  ],
  [
    'a port of clients that is the default of the gateway',
    'link: { mode: direct }',
    'nats: { clientNodePort: 30143 }\nlink: { mode: mesh, gateway: { exposure: nodePort } }',
    'link.gateway.port',
    /^30143 is also nats\.clientNodePort$/,
  ],
  [
    'a gateway at the default port of its probes',
    'link: { mode: direct }',
    'link: { mode: mesh, gateway: { exposure: nodePort, port: 30191 } }',
    'link.gateway.probePort',
    /^30191 is also link\.gateway\.port$/,
  ],
  [
    'a port that would take that of SSH',
    'address: 203.0.113.10,',
    'address: 203.0.113.10, port: 30722,',
    'nats.leafNodePort',
    /^30722 is also broker\.hosts\[0\]\.ssh\.port$/,
  ],
  [
    'a mirror with a quote',
    'link: {',
    'artifacts: { mirror: "https://mirror.example/x\';touch${IFS}/root/pwned;:\'" }\nlink: {',
    'artifacts.mirror',
    /an https URL/,
  ],
  [
    'a mirror without TLS',
    'link: {',
    'artifacts: { mirror: "http://mirror.example" }\nlink: {',
    'artifacts.mirror',
    /an https URL/,
  ],
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

test('wants the IPv4 addresses of the cluster written out when SSH uses IPv6', () => {
  const source = valid.replace('address: 203.0.113.20', 'address: "2001:db8::20"');
  expect(problemsOf(source).map(({ message }) => message)).toEqual([
    'internalAddress is missing, and ssh.address "2001:db8::20" is an IPv6 address',
    'externalAddress is missing, and ssh.address "2001:db8::20" is an IPv6 address',
  ]);
});

const JUMPS =
  'jump: [{ address: gate.example.net, user: ops, privateKeyFile: ~/.ssh/gate }, { address: 10.0.0.1, port: 2222 }]';

test('jump hosts keep their order, and their key files get absolute paths', () => {
  const parsed = parse(valid.replace('203.0.113.20, user: ubuntu', `203.0.113.20, ${JUMPS}`));
  expect(parsed.ok && parsed.topology.leaves[0]?.hosts[0]?.ssh).toEqual({
    address: '203.0.113.20',
    jump: [
      { address: 'gate.example.net', user: 'ops', privateKeyFile: '/home/me/.ssh/gate' },
      { address: '10.0.0.1', port: 2222 },
    ],
  });
});

test('one address behind two jump hosts is two hosts', () => {
  const behind = (gate: string): string =>
    `ssh: { address: 192.168.1.10, jump: [{ address: ${gate} }] }, externalAddress: ${gate}`;
  const leaves = (...gates: string[]): string =>
    gates.map((gate, index) => `  - name: leaf-${index + 1}\n    hosts: [{ ${behind(gate)} }]`).join('\n');
  const source = (...gates: string[]): string => valid.replace(/ {2}- name: cluster-b\n.*\n/, `${leaves(...gates)}\n`);
  expect(problemsOf(source('203.0.113.21', '203.0.113.22'))).toEqual([]);
  expect(problemsOf(source('203.0.113.21', '203.0.113.21')).map(({ message }) => message)).toContain(
    '"192.168.1.10" is also the host of cluster "leaf-1"',
  );
});

test('behind an address translation the SSH port may be one of NATS', () => {
  const source = valid.replace(
    'address: 203.0.113.10, user: ubuntu, privateKeyFile: ~/.ssh/id_ed25519 }',
    'address: 203.0.113.10, port: 30722, user: ubuntu }\n      externalAddress: 203.0.113.11',
  );
  expect(problemsOf(source)).toEqual([]);
});

test('takes a mirror with a port and a path', () => {
  const source = valid.replace(
    'link: {',
    'artifacts: { mirror: "https://mirror.example:8443/a/releases~1/" }\nlink: {',
  );
  expect(problemsOf(source)).toEqual([]);
});

test('refuses a mirror with a password, and does not repeat it', () => {
  const source = valid.replace('link: {', 'artifacts: { mirror: "https://ada:s3cret@mirror.example" }\nlink: {');
  expect(problemsOf(source)).toEqual([
    expect.objectContaining({ path: 'artifacts.mirror', value: '"https://[redacted]@mirror.example"' }),
  ]);
});

test('a wrong name of a field and the field that it hides are one problem', () => {
  expect(problemsOf(valid.replace('leaves:', 'leafs:'))).toEqual([
    expect.objectContaining({ path: 'leafs', line: 9, message: 'is not a field; did you mean leaves?' }),
  ]);
});

test.each([
  ['a field of a host', 'user: ubuntu }', 'user: ubuntu, adress: x }', 'leaves[0].hosts[0].ssh.adress', 'address'],
  ['a field with a default', 'link: {', 'k3s: { verson: v1.36.3+k3s1 }\nlink: {', 'k3s.verson', 'version'],
  ['a field one level deeper', 'link: {', 'clusterCidr: 10.42.0.0/16\nlink: {', 'clusterCidr', 'k3s.clusterCidr'],
])('suggests %s', (_what, from, to, path, meant) => {
  expect(problemsOf(valid.replace(from, to))).toEqual([
    expect.objectContaining({ path, message: `is not a field; did you mean ${meant}?` }),
  ]);
});

test.each([
  ['aliases of aliases', 'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n'],
  ['too many levels', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['an alias of itself', 'a: &a [*a]\n'],
])('%s are a problem of the file', (_what, source) => {
  expect(problemsOf(source)).not.toEqual([]);
});
