import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import type { LabBundle } from '../../lab/types.js';
import type { Context } from '../context.js';
import { expandHome } from './load.js';

const NAME_IT = 'name a directory with a manifest.json: lab up --bundle <dir>, or LEAFSPAN_LAB_BUNDLE';

/**
 * What feeds the lab: the directory that is named, else the one that the lab was given before, else the lab's own bundle.
 *
 * @param named undefined: not given on the command line; false: `--no-bundle`
 * @throws ProvisionError BUNDLE_INVALID with every problem of the manifest
 */
export async function chooseLabBundle(
  context: Context,
  named: string | false | undefined,
  note: (text: string) => void,
): Promise<LabBundle> {
  if (named === false) return 'none';
  const directory = named ?? context.settings.labBundle;
  return directory === undefined ? givenBefore(context, note) : readBundle(context, directory);
}

async function givenBefore(context: Context, note: (text: string) => void): Promise<LabBundle> {
  const { labBundleGiven, labDefaults } = await import('../../lab/lab.js');
  const directory = labBundleGiven(labDefaults(context.io.env));
  if (directory === undefined) return 'own';
  if (existsSync(directory)) return readBundle(context, directory);
  note(`the lab's bundle ${directory} is missing; using the lab's own`);
  return 'own';
}

async function readBundle({ io, settings }: Context, named: string): Promise<LabBundle> {
  const directory = resolve(io.cwd, expandHome(named, io.home));
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ProvisionError('BUNDLE_INVALID', `${directory} is not a directory`, NAME_IT);
  const { DirectoryBundles } = await import('../../adapters/bundle/directory-bundles.js');
  return { directory, manifest: await new DirectoryBundles(settings.cacheDir).manifest(directory) };
}
