import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { BIN } from '../support/cli/leafspan-cli.js';

test.each<[behaviour: string, argv: string[], stderr: RegExp]>([
  ['an unknown command', ['provisoin'], /unknown command 'provisoin'[^]*Did you mean provision\?/],
  ['a command that would steer the terminal', ['\u001b[2J'], /unknown command '\\u001b\[2J'/],
  ['an unknown option', ['status', '--wach'], /unknown option '--wach'/],
  ['a missing argument', ['approve'], /missing required argument 'phase'/],
  ['a rejection without a reason', ['reject', 'link'], /required option '-n, --note <text>' not specified/],
  ['a state of leaves that does not exist', ['status', '--state', 'ok'], /Allowed choices are failed, running/],
  ['a phase that does not exist', ['approve', 'lnk'], /there is no phase "lnk"\nhint: did you mean "link"\?/],
  ['a number of hosts that is not one', ['lab', 'up', '--hosts', 'two'], /must be a whole number from 1 to 26/],
  ['a file that is missing', ['provision', '-f', 'nope.yaml'], /nope\.yaml: there is no such file\nhint: pass a/],
  ['a file that is a directory', ['provision', '-f', '.'], /\.: it is a directory/],
  [
    'a topology that is not known',
    ['status', 'plant-9'],
    /topology "plant-9" is not known on this machine\nhint: pass a file/,
  ],
  ['a file instead of a name', ['status', './x.yaml'], /to use a file, pass -f \.\/x\.yaml/],
  ['no topology when none is known', ['status'], /no topology is known on this machine[^]*\(TOPOLOGY_UNKNOWN\)/],
])('%s is refused with exit code 2', async (_behaviour, argv, stderr) => {
  const ran = await new Cli().run(...argv);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(stderr);
});

test('every problem of a topology is reported at once, with its place and what to do', async () => {
  const cli = new Cli();
  const file = cli.write('bad.yaml', 'apiVersion: leafspan/v1\nname: 5\nfoo: 1\nbroker: []\n');
  const { code, stderr } = await cli.run('provision', '-f', file);
  expect(code).toBe(2);
  expect(stderr.replaceAll(file, 'bad.yaml')).toBe(
    [
      'bad.yaml:2:7 name: 5 — expected string, received number',
      '    YAML reads it as another type: write "5"',
      'bad.yaml:4:9 broker — expected object, received array',
      '    correct the value; docs/topology.md lists what is allowed',
      'bad.yaml:1:1 leaves — is missing',
      '    add it; docs/topology.md shows an example',
      'bad.yaml:3:6 foo: 1 — is not a field of a topology',
      '    remove it or correct its name; fields are in docs/topology.md',
      'docs: docs/troubleshooting.md#topology-invalid (TOPOLOGY_INVALID)',
      '',
    ].join('\n'),
  );
});

test('of a file that is no topology the first ten problems are printed, without what a terminal obeys', async () => {
  const cli = new Cli();
  const fields = Array.from(
    { length: 500 },
    (_, index) => `"\\e]0;x\\a\\e[2J${index}${'y'.repeat(900)}": ${'z'.repeat(900)}`,
  );
  const { code, stderr } = await cli.run('plan', '-f', cli.write('random.yaml', fields.join('\n')));
  expect(code).toBe(2);
  expect(stderr).toMatch(/\nand 49\d more\n/);
  expect(stderr.length).toBeLessThan(10_000);
  expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('a file that is too long for a topology is not read to its end', async () => {
  const ran = await new Cli().run('plan', '-f', '/dev/zero');
  expect(ran).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('/dev/zero: it is larger than 4 MB') as unknown,
  });
});

test('a state directory that cannot be made is no bug of leafspan', async () => {
  const cli = new Cli({ LEAFSPAN_STATE_DIR: '/etc/passwd' });
  const { code, stderr } = await cli.run('plan', '-f', cli.write('x.yaml', topologyFile()));
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\/etc\/passwd.*: a part of the path is a file\nhint: check who owns it[^]*\(LOCAL_FILE_REFUSED\)/,
  );
});

test('a current directory that is gone is named', () => {
  const script = `cd "$(mktemp -d)" && rmdir "$PWD" && exec ${process.execPath} ${BIN} status`;
  const { status, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, 'the current directory is gone\nhint: cd to one that is there\n']);
});

test('a Temporal server that does not respond is named', async () => {
  const cli = new Cli({ TEMPORAL_ADDRESS: `127.0.0.1:${await closedPort()}` });
  const file = cli.write('x.yaml', topologyFile());
  const { code, stderr } = await cli.run('provision', '-f', file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no Temporal server responds at 127\.0\.0\.1:\d+\nhint: start it[^]*\(TEMPORAL_UNREACHABLE\)/);
});

test('a Temporal CLI that is named but not there is reported', async () => {
  const cli = new Cli({ LEAFSPAN_TEMPORAL_CLI: '/nowhere/temporal' });
  const { code, stderr } = await cli.run('provision', '-f', cli.write('x.yaml', topologyFile()));
  expect(code).toBe(1);
  expect(stderr).toContain('LEAFSPAN_TEMPORAL_CLI points to /nowhere/temporal, which is not executable');
});

test.each<[behaviour: string, argv: string[], stderr: string]>([
  [
    'a teardown without a terminal',
    ['teardown'],
    'teardown needs confirmation, but there is no terminal\nhint: pass --yes',
  ],
  [
    'a leaf that does not exist',
    ['verify', '--only', 'clustr-b'],
    'has no leaf "clustr-b"\nhint: did you mean "cluster-b"?',
  ],
  [
    'a leaf unlike any other',
    ['plan', '--only', 'x'],
    'topology "plant-7" has no leaf "x"\nhint: its leaves are: cluster-b',
  ],
  [
    'the hub among leaves',
    ['provision', '--only', 'cluster-a'],
    '--only: "cluster-a" is the hub\nhint: name leaves: cluster-b',
  ],
  ['the topology among leaves', ['plan', '--only', 'plant-7'], 'name the topology before --only'],
  [
    'deleting keys that other leaves need',
    ['teardown', '--yes', '--purge', '--only', 'cluster-b'],
    '--purge deletes the keys of the whole topology',
  ],
])('%s is refused before anything is touched', async (_behaviour, argv, stderr) => {
  const cli = new Cli();
  const ran = await cli.run(...argv, '-f', cli.write('x.yaml', topologyFile()));
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain(stderr);
});

test.each([[['--help']], [['lab', '--help']], [['--version']]])('%j goes to stdout with exit code 0', async (argv) => {
  const ran = await new Cli().run(...argv);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).not.toBe('');
});

/** A port that was free a moment ago. */
const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
