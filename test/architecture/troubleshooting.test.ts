import { expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../src/contract/errors.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import { partsOf } from '../../src/parts/list.js';
import { orders, outbox } from '../support/accounts.js';
import { BUNDLE_SOURCE } from '../support/bundle.js';
import { casesOf } from '../support/doctor/seen.js';
import { firstLeaf } from '../support/parts/site.js';
import { meshMode, nginxEdge, twoClusters } from '../support/topologies.js';
import { anchors, read } from './documents.js';

const TEXT = read('docs/troubleshooting.md');
const HEADINGS = anchors(TEXT, '###');
const OWN_ACCOUNTS = { nats: { ...twoClusters().nats, accounts: [orders()] } };
const STREAMS = { nats: { ...twoClusters().nats, accounts: [outbox()] } };
const TOPOLOGIES = [{}, meshMode, OWN_ACCOUNTS, STREAMS, nginxEdge()].map((changes) =>
  twoClusters({ ...changes, artifacts: BUNDLE_SOURCE }),
);
const OF_PARTS = TOPOLOGIES.flatMap((topology) => [hubScope(topology), firstLeaf(topology)]).flatMap((scope) =>
  partsOf(scope).flatMap((part) => part.checks?.(scope) ?? []),
);
const OF_DOCTOR = TOPOLOGIES.flatMap((topology) => casesOf(topology).map(({ check }) => check));
const CHECKS = [...new Set([...OF_DOCTOR, ...OF_PARTS].map(({ id }) => id))];
const LINKED = [...new Set([...Object.values(ERROR_CODES).map(({ docs }) => docs), ...CHECKS])];

test.each(LINKED)('%s has a heading', (docs) => {
  expect(HEADINGS).toContain(docs);
});

test.each(HEADINGS)('heading %s belongs to an error or a check', (heading) => {
  expect(LINKED).toContain(heading);
});

test('no heading comes twice', () => {
  expect(HEADINGS).toHaveLength(new Set(HEADINGS).size);
});

test.each(Object.entries(ERROR_CODES))('%s stands below its heading', (code, { docs }) => {
  const section = TEXT.split(/^#{2,3} /m).find((part) => part.startsWith(`${docs}\n`));
  expect(section).toContain(`\`${code}\``);
});

test.each(CHECKS)('check %s says how to see it and what to do', (id) => {
  const section = TEXT.split(/^#{2,3} /m).find((part) => part.startsWith(`${id}\n`));
  expect(section).toMatch(/- See: .+[\s\S]*- Do: .+/);
});
