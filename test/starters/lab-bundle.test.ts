import { expect, test } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from '../../src/starters/context.js';
import { chooseLabBundle } from '../../src/starters/topologies/lab-bundle.js';
import { Cli } from '../support/cli/cli.js';

const artifact = {
  ...{ kind: 'cli', name: 'linkerd', version: 'edge-26.8.3', arch: 'amd64' },
  ...{ file: 'linkerd', sha256: '0'.repeat(64), size: 1 },
};
const MANIFEST = JSON.stringify({ apiVersion: 'leafspan/bundle/v1', name: 'b', artifacts: [artifact] });

/** A home with a bundle and a lab that has this topology. */
function machine(topology: object = {}, env: NodeJS.ProcessEnv = {}) {
  const cli = new Cli();
  for (const folder of ['given', 'lab']) mkdirSync(join(cli.folder, folder));
  cli.write('given/manifest.json', MANIFEST);
  cli.write('lab/topology.yaml', topology);
  const output = { write: () => undefined };
  const context = createContext({
    ...{ stdout: output, stderr: output, isTTY: false, cwd: cli.folder, home: cli.folder },
    env: { LEAFSPAN_LAB_STATE: join(cli.folder, 'lab'), XDG_CACHE_HOME: join(cli.folder, 'cache'), ...env },
  });
  const notes: string[] = [];
  return {
    folder: cli.folder,
    notes,
    choose: (named?: string | false) => chooseLabBundle(context, named, (text) => notes.push(text)),
  };
}

const before = (folder: string): object => ({ artifacts: { bundle: folder } });

test.each(['given', './given', '~/given'])('the folder that is named feeds the lab: %s', async (named) => {
  const { folder, choose } = machine(before('/elsewhere'), { LEAFSPAN_LAB_BUNDLE: '/nowhere' });
  expect(await choose(named)).toEqual({ directory: join(folder, 'given'), manifest: JSON.parse(MANIFEST) as unknown });
});

test('the environment names one for every command', async () => {
  const { folder, choose } = machine({}, { LEAFSPAN_LAB_BUNDLE: 'given' });
  expect(await choose()).toMatchObject({ directory: join(folder, 'given') });
});

test.each([{}, before('/elsewhere')])('--no-bundle wants none, whatever else is said', async (topology) => {
  expect(await machine(topology, { LEAFSPAN_LAB_BUNDLE: 'given' }).choose(false)).toBe('none');
});

test('nothing said, nothing given before: the lab makes its own', async () => {
  expect(await machine({}, { LEAFSPAN_LAB_BUNDLE: '' }).choose()).toBe('own');
});

test('a bundle that was given before stays, as long as it is there', async () => {
  const given = join(machine().folder, 'given');
  const { choose, notes } = machine(before(given));
  expect(await choose()).toMatchObject({ directory: given });
  rmSync(given, { recursive: true });
  expect(await choose()).toBe('own');
  expect(notes).toEqual([`the lab's bundle ${given} is missing; using the lab's own`]);
});

test.each([
  ['lab', 'up', '--bundle', 'bad'],
  ['provision', '--no-install'],
])('every fault of the manifest is told before anything is made: %s %s', async (...argv) => {
  const cli = new Cli({ LEAFSPAN_LAB_BUNDLE: 'bad' });
  mkdirSync(join(cli.folder, 'bad'));
  cli.write('bad/manifest.json', JSON.stringify({ ...(JSON.parse(MANIFEST) as object), name: 5, artifacts: [] }));
  const { code, stderr } = await cli.run(...argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(/name: [^\n]*\n[^\n]*artifacts: [^\n]*\nhint: [^]*\(BUNDLE_INVALID\)/);
});

test('a bundle that is not a directory is reported, and how to name one', async () => {
  const { code, stderr } = await new Cli().run('lab', 'up', '--bundle', 'nowhere');
  expect(code).toBe(2);
  expect(stderr).toMatch(/nowhere is not a directory\nhint: [^\n]*LEAFSPAN_LAB_BUNDLE[^]*\(BUNDLE_INVALID\)/);
});
