import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { lostFields, ownedFields } from '../../../src/domain/kubernetes/owned-fields.js';

/** As the API server keeps them for a Deployment. */
const OURS = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/managed-by': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:template': {
      'f:spec': { 'f:containers': { 'k:{"name":"identity"}': { '.': {}, 'f:image': {}, 'f:args': {} } } },
    },
    'f:finalizers': { 'v:"a"': {} },
  },
};

/** The same without what stands at the path. */
function without(...path: string[]): object {
  const copy = structuredClone(OURS) as Record<string, object>;
  const parent = path.slice(0, -1).reduce<object>((at, step) => Reflect.get(at, step) as object, copy);
  Reflect.deleteProperty(parent, path.at(-1) ?? '');
  return copy;
}

const LIVE = {
  spec: {
    replicas: 3,
    template: { spec: { containers: [{ name: 'proxy' }, { name: 'identity', image: 'x' }] } },
    finalizers: ['b'],
  },
} as KubernetesObject;

const CONTAINER = ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"identity"}'];

test.each<[change: string, now: object, lines: string[]]>([
  ['nothing', OURS, []],
  ['a field', without('f:spec', 'f:replicas'), ['spec.replicas: 3 → as rendered']],
  [
    'a field of an item of a list',
    without(...CONTAINER, 'f:image'),
    ['spec.template.spec.containers[name=identity].image: "x" → as rendered'],
  ],
  [
    'an item of a list',
    without(...CONTAINER),
    ['spec.template.spec.containers[name=identity]: {"name":"identity","image":"x"} → as rendered'],
  ],
  ['an item of a set', without('f:spec', 'f:finalizers', 'v:"a"'), ['spec.finalizers[a]: (none) → as rendered']],
  [
    'a label',
    without('f:metadata', 'f:labels', 'f:app.kubernetes.io/managed-by'),
    ['metadata.labels.app.kubernetes.io/managed-by: (none) → as rendered'],
  ],
])('an object that lost %s is told with what is there now', (_change, now, lines) => {
  const show = (_path: string, value: unknown): string => (value === undefined ? '(none)' : JSON.stringify(value));
  expect(lostFields(JSON.stringify([OURS]), JSON.stringify([now]), LIVE, show)).toEqual(lines);
});

test('an object that is no longer ours lost everything', () => {
  expect(lostFields(JSON.stringify([OURS]), '[]', LIVE, () => '…')).toEqual([
    'metadata: … → as rendered',
    'spec: … → as rendered',
  ]);
});

const field = { manager: 'leafspan', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };
const withFields = (...managedFields: object[]) => ({ metadata: { managedFields } });

test.each<[change: string, after: object, same: boolean]>([
  ['the time of an apply alone', withFields({ ...field, time: '2026-11-26T10:00:00Z' }), true],
  ['fields of others', withFields({ ...field, manager: 'kubectl-edit', operation: 'Update' }, field), true],
  ['a status', withFields(field, { ...field, subresource: 'status' }), true],
  ['a field that is no more ours', withFields({ ...field, fieldsV1: { 'f:spec': {} } }), false],
  ['an object that is no more ours', withFields(), false],
])('%s: tells an object that was changed by hand', (_change, after, same) => {
  expect(ownedFields(after) === ownedFields(withFields(field))).toBe(same);
});
