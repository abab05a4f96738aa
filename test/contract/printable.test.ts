import { expect, test } from '@jest/globals';
import { printable, printableIn } from '../../src/contract/printable.js';

test.each([
  ['a title of the window', 'x\u001b]0;pwned\u0007', 'x\\u001b]0;pwned\\u0007'],
  ['a cleared screen', '\u001b[2Jall is well', '\\u001b[2Jall is well'],
  ['a control sequence of one character', '\u009b2J', '\\u009b2J'],
  ['a line that is written over', 'failed\rpassed', 'failed\\u000dpassed'],
  ['text that is turned around', 'a\u202edc\u2066', 'a\\u202edc\\u2066'],
])('shows %s instead of doing it', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each(['two\nlines', 'a\tb', '日本 ✔ 👩\u200d💻 é'])('leaves %j as it is', (text) => {
  expect(printable(text)).toBe(text);
});

test('ends lines as this machine does', () => {
  expect(printable('a\r\nb')).toBe('a\nb');
});

test('reaches every text of a value', () => {
  expect(printableIn({ a: ['\u0007', 1, null], b: { c: '\u001b', d: true } })).toEqual({
    a: ['\\u0007', 1, null],
    b: { c: '\\u001b', d: true },
  });
});
