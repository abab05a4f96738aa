import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import type { LabBundle } from '../../lab/types.js';
import type { Context } from '../context.js';
import { expandHome } from './load.js';

const NAME_IT = 'name a folder that has a manifest.json: --bundle of lab up, or LEAFSPAN_LAB_BUNDLE';

/**
 * What feeds the lab: the folder that is named, or else the one that the lab was given before, or else the lab's own bundle.
 *
 * @param named undefined: nothing is said on the command line; false: `--no-bundle`
 * @throws ProvisionError BUNDLE_INVALID with every fault of the manifest
 */
export async function chooseLabBundle(
  context: Context,
  named: string | false | undefined,
  note: (text: string) => void,
): Promise<LabBundle> {
  if (named === false) return 'none';
  const folder = named ?? context.settings.labBundle;
  return folder === undefined ? givenBefore(context, note) : readBundle(context, folder);
}

async function givenBefore(context: Context, note: (text: string) => void): Promise<LabBundle> {
  const { labBundleGiven, labDefaults } = await import('../../lab/lab.js');
  const folder = labBundleGiven(labDefaults(context.io.env));
  if (folder === undefined) return 'own';
  if (existsSync(folder)) return readBundle(context, folder);
  note(`the lab's bundle ${folder} is gone; its own is used`);
  return 'own';
}

async function readBundle({ io, settings }: Context, named: string): Promise<LabBundle> {
  const folder = resolve(io.cwd, expandHome(named, io.home));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ProvisionError('BUNDLE_INVALID', `${folder} is no folder`, NAME_IT);
  const { FolderBundles } = await import('../../adapters/bundle/folder-bundles.js');
  return { folder, manifest: await new FolderBundles(settings.cacheDir).manifest(folder) };
}
