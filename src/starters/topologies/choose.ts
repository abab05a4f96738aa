import { existsSync } from 'node:fs';
import type { Context } from '../context.js';
import { usage } from '../failure.js';
import { closest } from '../../domain/topology/closest.js';
import { readTopologyFile, type LoadedTopology } from './load.js';
import { isRemembered, loadRemembered, rememberedNames } from './remembered.js';

/** How the user chooses a topology: a file, a name, or nothing when there is only one. */
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

/** Only the name; the topology is read when a file was given. */
export async function chooseName(context: Context, { file, name }: Choice): Promise<string> {
  const { io, settings } = context;
  if (file !== undefined && name !== undefined)
    throw usage(`topology "${name}" and file ${file} are both given`, 'give only one of them');
  if (file !== undefined) return (await readTopologyFile(file, io.cwd, io.home)).topology.name;
  const lab = await labTopology(context);
  const known = [...new Set([...rememberedNames(settings.stateDir), ...(lab === undefined ? [] : [lab.name])])];
  if (name !== undefined) {
    if (known.includes(name)) return name;
    throw usage(`topology "${name}" is not known on this machine`, hintFor(known, name), 'TOPOLOGY_UNKNOWN');
  }
  if (lab !== undefined) return lab.name;
  const [only] = known;
  if (only !== undefined && known.length === 1) return only;
  const message =
    only === undefined ? 'no topology is known on this machine' : 'several topologies are known on this machine';
  throw usage(message, hintFor(known), 'TOPOLOGY_UNKNOWN');
}

const hintFor = (known: readonly string[], asked?: string): string => {
  const file = asked !== undefined && /[/.]/.test(asked) ? `to use a file, pass -f ${asked}` : 'pass a file with -f';
  const meant = asked === undefined ? undefined : closest(asked, known);
  const near = meant === undefined ? '' : `did you mean "${meant}"? `;
  return known.length === 0
    ? `${file}; a name works once its topology was provisioned from this machine`
    : `${near}known: ${known.join(', ')}; or ${file}`;
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
