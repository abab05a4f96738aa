import { expect, test } from '@jest/globals';
import { problemsOf, valid } from '../../support/topology-text.js';

test.each(['7', '1e3', '012', '0x10', 'true', '.inf'])(
  'a name that YAML reads as another type, %s, is shown as written',
  (text) => {
    const { value, remedy } = problemsOf(valid.replace('name: plant-7', `name: ${text}`))[0] ?? {};
    expect([value, remedy]).toEqual([text, `YAML reads it as another type: write "${text}"`]);
  },
);

test.each([
  ['CRLF at the end of each line', valid.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${valid}`],
  ['words that YAML 1.1 takes for booleans', valid.replace('plant-7', 'on').replace('cluster-b', 'no')],
])('a file with %s is read', (_what, source) => {
  expect(problemsOf(source)).toEqual([]);
});

test.each<[what: string, source: string, message: string]>([
  ['UTF-16, as PowerShell writes it', Buffer.from(valid, 'utf16le').toString('utf8'), 'is not text in UTF-8'],
  ['a field twice', `${valid}name: plant-8\n`, 'this field is there twice'],
  ['a second document', `${valid}---\n${valid}`, 'a second document begins here'],
  ['a tab', valid.replace('  name: cluster-a', '\tname: cluster-a'), 'a tab indents this line'],
  ['nothing in it', '', 'is empty'],
])('a file with %s gets a remedy for people', (_what, source, message) => {
  expect(problemsOf(source)[0]).toMatchObject({ message, remedy: expect.any(String) });
});
