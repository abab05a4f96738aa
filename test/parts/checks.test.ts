import { expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../src/contract/topology/scope.js';
import { keyOf } from '../../src/parts/check.js';
import { partsOf } from '../../src/parts/list.js';
import { BUNDLE_SOURCE } from '../support/bundle.js';
import { firstLeaf } from '../support/parts/site.js';
import { meshMode, nginxEdge, twoClusters } from '../support/topologies.js';

const direct = twoClusters({ artifacts: BUNDLE_SOURCE });
const nginx = twoClusters({ ...nginxEdge(), artifacts: BUNDLE_SOURCE });
const mesh = twoClusters({ ...meshMode, artifacts: BUNDLE_SOURCE });

test.each<[cluster: string, scope: Scope, other: Scope]>([
  ['hub in link mode direct', hubScope(direct), firstLeaf(direct)],
  ['leaf in link mode direct', firstLeaf(direct), hubScope(direct)],
  ['hub with NGINX', hubScope(nginx), firstLeaf(nginx)],
  ['leaf of a hub with NGINX', firstLeaf(nginx), hubScope(nginx)],
  ['hub in link mode mesh', hubScope(mesh), firstLeaf(mesh)],
  ['leaf in link mode mesh', firstLeaf(mesh), hubScope(mesh)],
])('on the %s each check has a key of its own, and needs checks that exist', (_cluster, scope, other) => {
  const checksOf = (of: Scope) => partsOf(of).flatMap((part) => part.checks?.(of) ?? []);
  const keys = checksOf(scope).map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  const known = new Set([...keys, ...checksOf(other).map(keyOf)]);
  const unknown = checksOf(scope).flatMap(({ needs = [] }) => needs.filter((need) => !known.has(need)));
  expect(unknown).toEqual([]);
});
