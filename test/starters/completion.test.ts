import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Cli } from '../support/cli/cli.js';
import { offeredBy, type CompletingShell } from '../support/cli/completing-shells.js';

const cli = new Cli();
const scriptOf = async (shell: string): Promise<string> => (await cli.run('completion', shell)).stdout;

const CASES: [line: string, offers: string[]][] = [
  ['leafspan nats cluster-a -- su', []],
  ['leafspan prov', ['provision']],
  ['leafspan lab ', ['down', 'fault', 'ssh', 'status', 'up']],
  ['leafspan lab fault re', ['reboot']],
  ['leafspan completion ', ['bash', 'fish', 'zsh']],
  ['leafspan firewall --format fire', ['firewalld']],
  ['leafspan status plant-7 --wa', ['--watch']],
  ['leafspan certs export --with', ['--with-ca-keys']],
  ['leafspan -', ['--help', '--version']],
];
const EVERY_COMMAND = 'leafspan ';

describe.each<CompletingShell>(['bash', 'zsh', 'fish'])('%s', (shell) => {
  const offered = new Map<string, string[] | undefined>();
  beforeAll(async () => {
    const lines = [...CASES.map(([line]) => line), EVERY_COMMAND];
    const offers = offeredBy(shell, await scriptOf(shell), lines);
    lines.forEach((line, index) => offered.set(line, offers[index]));
  });

  test.each(CASES)('offers after "%s": %j', (line, offers) => {
    expect(offered.get(line)).toEqual(offers);
  });

  test('offers every command', async () => {
    const help = (await cli.run('--help')).stdout;
    const listed = [...help.matchAll(/^ {2}([a-z]+)[ |]/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');
    expect(offered.get(EVERY_COMMAND)).toEqual(expect.arrayContaining(listed));
  });
});

test('bash completes by it once it is loaded', async () => {
  const { stdout } = spawnSync('bash', ['--norc', '-c', 'eval "$1"; complete -p leafspan', '', await scriptOf('bash')]);
  expect(stdout.toString()).toBe('complete -o default -F _leafspan leafspan\n');
});

test.each(['zsh', 'fish'])('%s says what the commands do', async (shell) => {
  const script = await scriptOf(shell);
  expect(script).toMatch(/provision.*build/);
  expect(script).toMatch(/\/lab\/fault.*reboot/);
});

test('a shell that is not supported is refused', async () => {
  expect(await cli.run('completion', 'tcsh')).toMatchObject({ code: 2 });
});
