import { expect, test } from '@jest/globals';
import { refOf, type ObjectRef } from '../../../src/domain/kubernetes/objects.js';
import {
  droppedObjects,
  fromEarlier,
  inputsDiff,
  isEarlier,
  partInventoryMap,
  partInventoryRef,
  readPartInventory,
  unitedObjects,
  type AppliedObject,
} from '../../../src/domain/kubernetes/inventory.js';
import { earlierInventory } from '../../support/earlier-inventory.js';
import { expectGoldenObjects } from '../../support/golden.js';
import { CONTROL_PLANE } from '../../support/cli/renders.js';

const ref = (kind: string, name: string, namespace?: string, apiVersion = 'v1'): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const applied = (object: ObjectRef): AppliedObject => ({ ref: object, owned: '[{"f:spec":{}}]' });

const space = ref('Namespace', 'linkerd');
const secret = ref('Secret', 'token', 'linkerd');
const role = ref('ClusterRole', 'reader', undefined, 'rbac.authorization.k8s.io/v1');

test('the inventory of a part names inputs and objects, each object on a line with the fields that are ours', () => {
  expectGoldenObjects('objects/broker-mesh/part-inventory.yaml', [
    partInventoryMap('linkerd', {
      inputs: { version: 'edge-26.8.3', issuer: 'sha256:0123456789abcdef' },
      underWay: false,
      objects: CONTROL_PLANE.map((object) => applied(object)),
    }),
  ]);
});

test.each([
  ['complete', false],
  ['under way', true],
])('reads what was written of an apply that is %s', (_state, underWay) => {
  const inventory = { inputs: { version: 'edge-26.8.3' }, underWay, objects: [applied(space), applied(role)] };
  expect(readPartInventory(partInventoryMap('linkerd', inventory))).toEqual(inventory);
});

test('reads no inventory where there is none, and an empty map as an apply that never ended', () => {
  expect(readPartInventory(undefined)).toBeUndefined();
  expect(readPartInventory({})).toEqual({ inputs: {}, underWay: true, objects: [] });
});

test('the inventory outlives the namespaces of its part', () => {
  expect(partInventoryRef('linkerd').metadata).toEqual({
    name: 'leafspan-inventory-linkerd',
    namespace: 'kube-system',
  });
});

test('of an earlier inventory a part takes its own objects', () => {
  const read = fromEarlier(earlierInventory('linkerd', [space, secret]), ({ kind }) => kind === 'Secret');
  expect(read).toMatchObject({ underWay: false, objects: [{ ref: secret }] });
  expect(read && isEarlier(read)).toBe(true);
  expect(fromEarlier(undefined, () => true)).toBeUndefined();
});

test.each<[behaviour: string, before: ObjectRef[], after: ObjectRef[], gone: ObjectRef[]]>([
  ['nothing when both lists are the same', [space, secret], [secret, space], []],
  ['nothing when objects are new', [space], [space, secret], []],
  ['what is no longer listed, the last made first', [space, secret, role], [space], [role, secret]],
  ['an object of the same name in another namespace', [secret], [ref('Secret', 'token', 'other')], [secret]],
  ['an object of the same kind of another API group', [role], [{ ...role, apiVersion: 'other/v1' }], [role]],
  ['nothing when an API has a new version', [role], [{ ...role, apiVersion: 'rbac.authorization.k8s.io/v2' }], []],
])('drops %s', (_behaviour, before, after, gone) => {
  expect(droppedObjects(before.map(applied), after)).toEqual(gone);
});

test('an apply under way lists what is wanted, then what was there before it', () => {
  const all = unitedObjects([applied(space), applied(secret)], [space, role]);
  expect(all.map((object) => object.ref)).toEqual([space, role, secret]);
});

test('the inputs that differ are told one a line', () => {
  expect(inputsDiff({ version: 'edge-1', hub: 'a', port: '1' }, { version: 'edge-2', hub: 'a', probe: '2' })).toEqual([
    'version: edge-1 → edge-2',
    'port: 1 → (none)',
    'probe: (none) → 2',
  ]);
});

test('names an object without what is in it', () => {
  const full = { ...secret, metadata: { ...secret.metadata, labels: { a: 'b' } }, data: { token: 'secret' } };
  expect(refOf(full)).toEqual(secret);
  expect(refOf({ ...role, rules: [] } as ObjectRef)).toEqual(role);
});
