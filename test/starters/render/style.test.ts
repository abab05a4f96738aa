import { describe, expect, test } from '@jest/globals';
import { renderTable } from '../../../src/starters/terminal/table.js';
import { createStyle, cut, padEnd, PLAIN, widthOf } from '../../../src/starters/terminal/style.js';

const RED = '\u001b[31mred\u001b[39m';

// The stdout and the environment of the process that runs the tests have no say in it.
test.each<[behaviour: string, isTTY: boolean, env: NodeJS.ProcessEnv, shown: string]>([
  ['a terminal has colours', true, {}, RED],
  ['a pipe has none', false, {}, 'red'],
  ['NO_COLOR turns them off', true, { NO_COLOR: '1' }, 'red'],
  ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, RED],
  ['FORCE_COLOR turns them on in a pipe', false, { FORCE_COLOR: '1' }, RED],
  ['an empty FORCE_COLOR says nothing', false, { FORCE_COLOR: '' }, 'red'],
  ['NO_COLOR wins', false, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'red'],
  ['a dumb terminal has none', true, { TERM: 'dumb', FORCE_COLOR: '1' }, 'red'],
])('%s', (_behaviour, isTTY, env, shown) => {
  expect(createStyle({ isTTY, env }).red('red')).toBe(shown);
});

describe('width', () => {
  test.each([
    ['plain text', 'abc', 3],
    ['an escape', RED, 3],
    ['a wide character', '日本', 4],
    ['an emoji of several code points', '👩‍💻', 2],
    ['a letter with a combining mark', 'u\u0308', 1],
    ['a mark of ours', '✔ ✖ … –', 7],
  ])('%s: %j takes %j columns', (_what, text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test('text is padded by what is seen of it', () => {
    expect([padEnd('日本', 6), padEnd(RED, 4), padEnd('long', 2)]).toEqual(['日本  ', `${RED} `, 'long']);
  });

  test('columns of a table stand below each other when a cell is wide', () => {
    expect(
      renderTable(
        ['HOST', 'STATE'],
        [
          ['東京', 'up'],
          ['vm-a', 'up'],
        ],
        PLAIN,
      ).split('\n'),
    ).toEqual(['HOST  STATE', '東京  up', 'vm-a  up']);
  });
});

test.each([
  ['a line that fits stays', 'abcdef', 6, 'abcdef'],
  ['a styled line is cut by what is seen of it', `${RED} and more`, 6, `${RED} a…`],
  ['a style that begins before the cut ends after it', '\u001b[31mabcdef\u001b[39m', 4, '\u001b[31mabc\u001b[39m…'],
  ['a wide character that would not fit is left out', '日本語', 4, '日…'],
  ['nothing follows a character that was left out', 'a日b', 3, 'a…'],
  ['an emoji is never cut in two', '👩‍💻👩‍💻', 3, '👩‍💻…'],
])('%s', (_behaviour, line, width, shown) => {
  expect(cut(line, width)).toBe(shown);
});
