import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { brokerObjects } from '../../../src/domain/nats/broker.js';
import { leafNodeObjects } from '../../../src/domain/nats/leaf-node.js';
import { programObjects } from '../../../src/domain/nats/objects/programs.js';
import type { ManifestObject } from '../../../src/domain/kubernetes/objects.js';
import { madeUp, sha256 } from '../../support/material.js';

const common = { subject: 'test.messages', accounts: [], namespaces: [], image: 'i', sha256 };
const broker = (...open: ('client' | 'leaf')[]): ManifestObject[] =>
  brokerObjects({ ...common, cluster: 'a', leaves: ['b'], server: madeUp('broker'), open, podCidr: '10.42.0.0/16' });
const leaf = leafNodeObjects({
  ...common,
  cluster: 'b',
  remote: 'r:1',
  server: madeUp('s'),
  client: madeUp('c'),
  links: [],
});
const programs = (['publisher', 'subscriber'] as const).flatMap((app) =>
  programObjects({ ...common, app, cluster: 'a', publishEverySeconds: 5, client: madeUp(app) }),
);

const rulesOf = (objects: ManifestObject[]): { from: unknown; ports: unknown[] }[] =>
  objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap((object) => (object as V1NetworkPolicy).spec?.ingress ?? [])
    .map(({ _from: from, ports = [] }) => ({ from, ports: ports.map(({ port }) => port) }));

const program = (app: string): object => ({ podSelector: { matchLabels: { app } } });
const chosen = { namespaceSelector: { matchLabels: { 'leafspan.io/nats-clients': 'true' } } };
const outside = { ipBlock: { cidr: '0.0.0.0/0', except: ['10.42.0.0/16'] } };

test.each<[what: string, objects: ManifestObject[], rules: { from: unknown; ports: number[] }[]]>([
  [
    'a broker whose ports are open',
    broker('client', 'leaf'),
    [
      { from: [program('publisher'), chosen], ports: [4222] },
      { from: [outside], ports: [4222, 7422] },
    ],
  ],
  ['a broker without external ports', broker(), [{ from: [program('publisher'), chosen], ports: [4222] }]],
  ['a leaf node', leaf, [{ from: [program('subscriber'), chosen], ports: [4222] }]],
  ['the programs', programs, []],
])('%s names who may dial which port, and nobody may dial its monitoring', (_what, objects, rules) => {
  expect(rulesOf(objects)).toEqual(rules);
});

test('every pod of NATS has a policy, and no token of its account', () => {
  const objects = [...broker(), ...leaf, ...programs];
  const pods = objects.flatMap(({ spec }: ManifestObject & { spec?: { template?: object } }) => spec?.template ?? []);
  expect(pods).toHaveLength(4);
  expect(pods).toMatchObject(Array(4).fill({ spec: { automountServiceAccountToken: false } }));
  expect(objects.filter(({ kind }) => kind === 'NetworkPolicy')).toHaveLength(4);
});
