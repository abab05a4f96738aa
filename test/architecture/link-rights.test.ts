import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { LINK_RULES } from '../../src/domain/multicluster/accounts.js';

const ROOT = resolve(import.meta.dirname, '../..');
const granted = LINK_RULES.flatMap(({ resources, ...rule }) =>
  'resourceNames' in rule ? rule.resourceNames : resources,
);

test.each(['README.md', 'docs/adr/0008-mesh-link.md'])('%s lists all that the token of a Link may read', (file) => {
  const [, sentence = ''] =
    /It can read (.*?), and\s+change nothing/s.exec(readFileSync(resolve(ROOT, file), 'utf8')) ?? [];
  const listed = [...sentence.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...granted].sort());
});

test('the token of a Link may change nothing', () => {
  expect(new Set(LINK_RULES.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch']));
});
