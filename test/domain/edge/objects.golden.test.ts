import { expect, test } from '@jest/globals';
import type { Link } from '../../../src/contract/topology/topology.js';
import { meshedEdge } from '../../../src/domain/edge/meshed.js';
import { EDGE_REFS, edgeObjects, edgeService, type EdgeSpec } from '../../../src/domain/edge/objects.js';
import type { ManifestObject } from '../../../src/domain/kubernetes/objects.js';
import { expectGoldenObjects } from '../../support/golden.js';
import { madeUp } from '../../support/material.js';

const DRESSES: Record<Link['mode'], (objects: ManifestObject[]) => ManifestObject[]> = {
  direct: (objects) => objects,
  mesh: (objects) => objects.map(meshedEdge),
};
const image = 'nginx/nginx-ingress:5.5.4';
const monitoring = { allow: ['192.0.2.20', '198.51.100.0/24'], tls: madeUp('monitor') };
const ports = { client: 30_422, https: 30_443 };

test.each<[mode: Link['mode'], spec: EdgeSpec, service: ManifestObject]>([
  ['direct', { image, tcp: ['client', 'leaf'], monitoring }, edgeService({ ...ports, leaf: 30_722 })],
  ['mesh', { image, tcp: ['client'], monitoring }, edgeService(ports)],
])('in link mode %s the edge has these objects', (mode, spec, service) => {
  expectGoldenObjects(`objects/broker-${mode}/nginx-edge.yaml`, [...DRESSES[mode](edgeObjects(spec)), service]);
});

test('without monitoring nothing of HTTP is opened', () => {
  const objects = edgeObjects({ image, tcp: ['client'], monitoring: undefined });
  const kinds = objects.map(({ kind }) => kind);
  expect(kinds).not.toContain('Ingress');
  expect(kinds).not.toContain('Secret');
  expect(JSON.stringify([...objects, edgeService({ client: 30_422 })])).not.toMatch(/443|8222|allow-empty/);
});

test('every object of the edge is one that a removal knows', () => {
  const known = EDGE_REFS.map(nameOf);
  const objects = edgeObjects({ image, tcp: ['client', 'leaf'], monitoring });
  expect(objects.map(nameOf)).toEqual(known);
});

const nameOf = ({ kind = '', metadata: { name, namespace = '' } }: ManifestObject): string =>
  `${kind} ${namespace}/${name}`;
