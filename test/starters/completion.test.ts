import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from '@jest/globals';
import { Cli } from '../support/cli/cli.js';

const cli = new Cli();
let bash: string;
beforeAll(async () => {
  bash = (await cli.run('completion', 'bash')).stdout;
});

/** What bash offers after these words, of which the last one is being typed. */
const offered = (...words: string[]): string[] =>
  execFileSync('bash', [
    '--norc',
    '-c',
    'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leafspan; printf "%s\\n" "${COMPREPLY[@]}"',
    'bash',
    bash,
    'leafspan',
    ...words,
  ])
    .toString()
    .split('\n')
    .filter((word) => word !== '');

test.each<[words: string[], offers: string[]]>([
  [['prov'], ['provision']],
  [
    ['lab', ''],
    ['up', 'status', 'ssh', 'down', 'fault'],
  ],
  [['lab', 'fault', 're'], ['reboot']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['firewall', '--format', 'fire'], ['firewalld']],
  [['status', 'plant-7', '--wa'], ['--watch']],
  [['certs', 'export', '--with'], ['--with-ca-keys']],
  [['-'], ['--version', '--help']],
  [['nats', 'cluster-a', '--', 'su'], []],
])('bash offers after %j: %j', (words, offers) => {
  expect(offered(...words)).toEqual(offers);
});

test('bash offers every command', async () => {
  const help = (await cli.run('--help')).stdout;
  const listed = [...help.matchAll(/^ {2}([a-z]+)[ |]/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
  expect(offered('').sort()).toEqual(expect.arrayContaining(listed.sort()));
});

test('bash completes by it once it is loaded', () => {
  const { stdout } = spawnSync('bash', ['--norc', '-c', 'eval "$1"; complete -p leafspan', 'bash', bash]);
  expect(stdout.toString()).toBe('complete -o default -F _leafspan leafspan\n');
});

test.each(['zsh', 'fish'])('%s gets the same commands, with what they do', async (shell) => {
  const { stdout } = await cli.run('completion', shell);
  expect(stdout).toMatch(/provision.*build/);
  expect(stdout).toMatch(/\/lab\/fault.*reboot/);
  expect(stdout).toContain('--follow'.slice(shell === 'fish' ? 2 : 0));
});

test('a shell that is not supported is refused', async () => {
  expect(await cli.run('completion', 'tcsh')).toMatchObject({ code: 2 });
});
