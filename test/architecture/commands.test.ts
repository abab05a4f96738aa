import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { EXAMPLES } from '../../src/starters/program/examples.js';
import type { Run } from '../../src/starters/program/command.js';
import { createProgram } from '../../src/starters/program/program.js';
import { PLAIN } from '../../src/starters/terminal/style.js';
import { QUICKSTART, README_LINES, shellLines } from '../lab/documents/shell-lines.js';
import { anchors, markdownFiles, read } from './documents.js';

const nowhere = { write: () => undefined };
const program = createProgram({ stdout: nowhere, stderr: nowhere }, PLAIN, () => Promise.resolve());

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Leads a command line down the tree of commands; what is wrong with it, or undefined. */
function faultOf(line: string): string | undefined {
  let command: Command = program;
  const [mine = ''] = line.split(' -- '); // what follows is another program's
  const words = mine.split(/\s+/).filter((word) => word !== '');
  while (command.commands.length > 0 && words[0]?.startsWith('-') === false) {
    const [word = ''] = words.splice(0, 1);
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) return word === '<command>' ? undefined : `no command "${word}"`;
    command = next;
  }
  if (command.name() === 'ssh') return undefined; // what follows is for the host
  const flags = command.options.flatMap(({ long, short }) => [long, short]);
  const unknown = words.find((word) => word.startsWith('-') && !['--help', '--version', ...flags].includes(word));
  return unknown === undefined ? undefined : `${command.name()} has no option ${unknown}`;
}

const COMMAND = /npm run (?:-s )?start -- ([^`#\n|;)]+)/g;
const LINES = markdownFiles().flatMap((file) =>
  [...read(file).matchAll(COMMAND)].map(([, line = '']) => [file, line.trim()] as const),
);

test.each(LINES)('%s: "%s" is a command line that leafspan takes', (_file, line) => {
  expect(faultOf(line)).toBeUndefined();
});

test('a command or an option that does not exist is found', () => {
  expect(faultOf('provision --nosuch')).toBe('provision has no option --nosuch');
  expect(faultOf('lab nosuch')).toBe('no command "nosuch"');
});

test.each(program.commands.map((command) => command.name()))('the README lists the command %s', (name) => {
  expect(read('README.md')).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'));
});

/** Every command that does something, by its words. */
const leaves = (command: Command, words: readonly string[] = []): string[] =>
  command.commands.length === 0
    ? [words.join(' ')]
    : command.commands.flatMap((each) => leaves(each, [...words, each.name()]));

test('every command has an example', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(leaves(program).sort());
});

test.each(Object.entries(EXAMPLES))(
  'the example of %s is one that it takes, and its help shows it',
  async (name, example) => {
    const runs: unknown[] = [];
    const run: Run = (work) => Promise.resolve(void runs.push(work));
    const help: string[] = [];
    const stdout = { write: (text: string) => help.push(text) };
    const make = (): Command => createProgram({ stdout, stderr: nowhere }, PLAIN, run);
    await make().parseAsync(example.split(' '), { from: 'user' });
    expect(runs).toHaveLength(1);
    await expect(make().parseAsync([...name.split(' '), '--help'], { from: 'user' })).rejects.toThrow('outputHelp');
    expect(help.join('')).toContain(`Example:\n  npm run start -- ${example}\n`);
  },
);

test('every shell line of the README is run by a test', () => {
  const inQuickstart = shellLines(QUICKSTART);
  const others = shellLines('README.md').filter((line) => !inQuickstart.includes(line));
  expect(others).toEqual(Object.keys(README_LINES));
});

test.each(markdownFiles())('the npm scripts that %s names are there', (file) => {
  const names = [...read(file).matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
});

test('the README has the sections that a reader looks for', () => {
  expect(anchors(read('README.md'))).toEqual(
    expect.arrayContaining(['start', 'architecture', 'topology', 'the-lab', 'commands', 'requirements', 'security']),
  );
});
