import { expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../src/contract/errors.js';
import { checksOf } from '../../src/domain/checks/list.js';
import { meshMode, twoClusters } from '../support/topologies.js';
import { anchors, read } from './documents.js';

const TEXT = read('docs/troubleshooting.md');
const HEADINGS = anchors(TEXT, '###');
const CHECKS = [...new Set([twoClusters(), twoClusters(meshMode)].flatMap(checksOf).map(({ id }) => id))];
const HINTS = [...new Set([...Object.values(ERROR_CODES).map(({ hint }) => hint), ...CHECKS])];

test.each(HINTS)('%s has a heading', (hint) => {
  expect(HEADINGS).toContain(hint);
});

test.each(HEADINGS)('heading %s is a hint of an error or a check', (heading) => {
  expect(HINTS).toContain(heading);
});

test('no heading comes twice', () => {
  expect(HEADINGS).toHaveLength(new Set(HEADINGS).size);
});

test.each(Object.entries(ERROR_CODES))('%s stands below the heading of its hint', (code, { hint }) => {
  const section = TEXT.split(/^#{2,3} /m).find((part) => part.startsWith(`${hint}\n`));
  expect(section).toContain(`\`${code}\``);
});

test.each(CHECKS)('check %s says how to see it and what to do', (id) => {
  const section = TEXT.split(/^#{2,3} /m).find((part) => part.startsWith(`${id}\n`));
  expect(section).toMatch(/- See: .+[\s\S]*- Do: .+/);
});
