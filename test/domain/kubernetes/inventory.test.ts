import { expect, test } from '@jest/globals';
import {
  dropped,
  inventoryMap,
  inventoryRef,
  ownedFields,
  readInventory,
  united,
} from '../../../src/domain/kubernetes/inventory.js';
import { refOf, type ObjectRef } from '../../../src/domain/kubernetes/objects.js';

const ref = (kind: string, name: string, namespace?: string, apiVersion = 'v1'): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

const space = ref('Namespace', 'linkerd');
const account = ref('ServiceAccount', 'link-cluster-b', 'linkerd');
const secret = ref('Secret', 'link-cluster-b-token', 'linkerd');
const role = ref('ClusterRole', 'link-cluster-b', undefined, 'rbac.authorization.k8s.io/v1');

test.each<[behaviour: string, before: ObjectRef[], after: ObjectRef[], gone: ObjectRef[]]>([
  ['nothing when both lists are the same', [space, account], [space, account], []],
  ['nothing when the order alone is another', [space, account], [account, space], []],
  ['nothing when objects are new', [space], [space, account], []],
  ['what is no more, the last made first', [space, account, secret, role], [space], [role, secret, account]],
  ['everything when nothing is left', [space, account], [], [account, space]],
  [
    'an object of the same name in another namespace',
    [account],
    [ref('ServiceAccount', 'link-cluster-b', 'other')],
    [account],
  ],
  [
    'an object of the same name of another kind',
    [secret],
    [ref('ConfigMap', 'link-cluster-b-token', 'linkerd')],
    [secret],
  ],
  [
    'an object of the same kind of another API group',
    [role],
    [ref('ClusterRole', 'link-cluster-b', undefined, 'other/v1')],
    [role],
  ],
  [
    'nothing when an API has a new version',
    [role],
    [ref('ClusterRole', 'link-cluster-b', undefined, 'rbac.authorization.k8s.io/v2')],
    [],
  ],
])('drops %s', (_behaviour, before, after, gone) => {
  expect(dropped(before, after)).toEqual(gone);
});

test.each<[behaviour: string, before: ObjectRef[], after: ObjectRef[], all: ObjectRef[]]>([
  ['the new list alone when it has everything', [account, space], [space, account], [space, account]],
  [
    'what is no more behind what is, in its old order',
    [space, account, secret],
    [space, role],
    [space, role, account, secret],
  ],
  ['the new list of a part that was not there', [], [space, role], [space, role]],
])('unites to %s', (_behaviour, before, after, all) => {
  expect(united(before, after)).toEqual(all);
});

test('drops the same after an apply that was cut off', () => {
  const [before, after] = [
    [space, account, secret],
    [space, role],
  ];
  expect(dropped(united(before, after), after)).toEqual(dropped(before, after));
});

test('reads what was written, in order', () => {
  const inventory = { digest: 'abc', owned: 'def', objects: [space, role, account] };
  expect(readInventory(inventoryMap('linkerd', inventory))).toEqual(inventory);
});

test.each([
  ['a missing map', undefined],
  ['a map without data', {}],
  ['the map of an apply under way with nothing in it', inventoryMap('linkerd', { digest: '', owned: '', objects: [] })],
])('reads %s as empty and without a digest', (_map, map) => {
  expect(readInventory(map)).toEqual({ digest: '', owned: '', objects: [] });
});

test('the map lies in the namespace of its part and is found by it', () => {
  const { labels, ...metadata } = inventoryMap('linkerd', { digest: '', owned: '', objects: [] }).metadata as never as {
    labels: object;
  };
  expect(metadata).toEqual(inventoryRef('linkerd').metadata);
  expect(labels).toEqual({ 'app.kubernetes.io/managed-by': 'leafspan' });
});

test('names an object without what is in it', () => {
  const full = { ...secret, metadata: { ...secret.metadata, labels: { a: 'b' } }, data: { token: 'secret' } };
  expect(refOf(full)).toEqual(secret);
  expect(refOf({ ...role, rules: [] } as ObjectRef)).toEqual(role);
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
