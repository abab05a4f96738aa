import { expect, test } from '@jest/globals';
import { CAUSES, SYMPTOMS } from '../../../src/domain/diagnosis/causes.js';
import { ADVISED } from '../../../src/domain/diagnosis/remedies.js';
import { partsOf } from '../../../src/parts/list.js';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { outbox } from '../../support/accounts.js';
import { BUNDLE_SOURCE } from '../../support/bundle.js';
import { casesOf } from '../../support/doctor/seen.js';
import { cyclesIn } from '../../support/doctor/cycles.js';
import { firstLeaf } from '../../support/parts/site.js';
import { meshMode, nginxEdge, twoClusters } from '../../support/topologies.js';

const ACCOUNTS = { nats: { ...nginxEdge().nats, accounts: [outbox()], demo: true } };
const TOPOLOGIES = [ACCOUNTS, { ...meshMode, ...ACCOUNTS }].map((changes) =>
  twoClusters({ ...changes, artifacts: BUNDLE_SOURCE, firewall: 'manage' }),
);
const IDS = new Set(TOPOLOGIES.flatMap(casesOf).map(({ check }) => check.id));
const PARTS = new Set(
  TOPOLOGIES.flatMap((topology) => [hubScope(topology), firstLeaf(topology)]).flatMap((scope) =>
    partsOf(scope).map(({ name }) => `part:${name}`),
  ),
);

test('what is explained is a check that there is, by at least one cause', () => {
  const rows = Object.entries(CAUSES);
  expect(rows.filter(([id, causes]) => !IDS.has(id) || causes.length === 0)).toEqual([]);
});

test('what explains a check is a check or a part that there is', () => {
  const named = Object.values(CAUSES).flat();
  const unknown = named
    .map((each) => each.replace(/^(hub|leaves)\//, ''))
    .filter((name) => !IDS.has(name) && !PARTS.has(name));
  expect(unknown).toEqual([]);
});

test.each(TOPOLOGIES.map((topology) => [topology.link.mode, topology] as const))(
  'in link mode %s nothing explains itself by any way round',
  (_mode, topology) => {
    expect(cyclesIn(topology)).toEqual([]);
  },
);

test('advice and symptoms are of checks that there are', () => {
  expect([...ADVISED, ...SYMPTOMS].filter((id) => !IDS.has(id))).toEqual([]);
});
