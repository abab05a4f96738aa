import { existsSync } from 'node:fs';
import type { Context } from '../context.js';
import { usage } from '../failure.js';
import { readTopologyFile, type LoadedTopology } from './load.js';
import { isRemembered, loadRemembered, rememberedNames } from './remembered.js';

/** How the user says which topology is meant: a file, a name, or nothing when it is clear. */
export interface Choice {
  file?: string | undefined;
  name?: string | undefined;
}

/** The whole topology. @throws ProvisionError TOPOLOGY_UNKNOWN, TOPOLOGY_INVALID */
export async function chooseTopology(context: Context, choice: Choice): Promise<LoadedTopology> {
  const { io, settings } = context;
  if (choice.file !== undefined) return readTopologyFile(choice.file, io.cwd, io.home);
  const name = await chooseName(context, choice);
  if (isRemembered(settings.stateDir, name)) return loadRemembered(settings.stateDir, name, io.home);
  return readTopologyFile((await labTopology(context))?.file ?? name, io.cwd, io.home);
}

/** The name alone, without reading the topology unless a file was given. */
export async function chooseName(context: Context, { file, name }: Choice): Promise<string> {
  const { io, settings } = context;
  if (file !== undefined && name !== undefined)
    throw usage(`both the topology "${name}" and the file ${file} are named`, 'name one of the two');
  if (file !== undefined) return (await readTopologyFile(file, io.cwd, io.home)).topology.name;
  const lab = await labTopology(context);
  const known = [...new Set([...rememberedNames(settings.stateDir), ...(lab === undefined ? [] : [lab.name])])];
  if (name !== undefined) {
    if (known.includes(name)) return name;
    throw usage(`topology "${name}" is not known here`, remedyFor(known, name), 'TOPOLOGY_UNKNOWN');
  }
  if (lab !== undefined) return lab.name;
  const [only] = known;
  if (only !== undefined && known.length === 1) return only;
  const message = only === undefined ? 'no topology is known here' : 'several topologies are known here';
  throw usage(message, remedyFor(known), 'TOPOLOGY_UNKNOWN');
}

const remedyFor = (known: readonly string[], asked?: string): string => {
  const file =
    asked !== undefined && /[/.]/.test(asked) ? `a file is named with -f: -f ${asked}` : 'name a file with -f';
  return known.length === 0
    ? `${file}; a topology is known by its name once it was provisioned from this machine`
    : `known are: ${known.join(', ')}; or ${file}`;
};

/** Whether the topology is that of this machine's lab. */
export const isLabTopology = async (context: Context, name: string): Promise<boolean> =>
  (await labTopology(context))?.name === name;

/** The topology that the lab of this machine wrote, while there is one. */
async function labTopology({ io }: Context): Promise<{ name: string; file: string } | undefined> {
  const { labDefaults } = await import('../../lab/names.js');
  const { name, stateDir } = labDefaults(io.env);
  const file = `${stateDir}/topology.yaml`;
  return existsSync(file) ? { name, file } : undefined;
}
