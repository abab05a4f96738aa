import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../src/starters/program/program.js';
import { PLAIN } from '../../src/starters/terminal/style.js';
import { anchors, markdownFiles, read } from './documents.js';

const nowhere = { write: () => undefined };
const program = createProgram({ stdout: nowhere, stderr: nowhere }, PLAIN, () => Promise.resolve());

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Leads a command line down the tree of commands; what is wrong with it, or undefined. */
function faultOf(line: string): string | undefined {
  let command: Command = program;
  const words = line.split(/\s+/).filter((word) => word !== '');
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

test.each(markdownFiles())('the npm scripts that %s names are there', (file) => {
  const names = [...read(file).matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
});

test('the README has the sections that a reader looks for', () => {
  expect(anchors(read('README.md'))).toEqual(
    expect.arrayContaining(['start', 'architecture', 'topology', 'the-lab', 'commands', 'requirements', 'security']),
  );
});
