import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../local/atomic-file.js';
import { fields, readJsonFile } from '../../local/json.js';
import { parseSource, type LoadedTopology } from './load.js';

/** Topologies that were provisioned from this machine: a copy of the text, and where it came from. */
const directoryOf = (stateDir: string): string => join(stateDir, 'topologies');
const copyOf = (stateDir: string, name: string): string => join(directoryOf(stateDir), name, 'topology.yaml');
const ORIGIN = fields({ file: 'string' });
const originOf = (stateDir: string, name: string): string => join(directoryOf(stateDir), name, 'origin.json');

/** The copy comes last: it is what makes a topology a known one. */
export async function remember(stateDir: string, { topology, source, file }: LoadedTopology): Promise<void> {
  await writeWhole(originOf(stateDir, topology.name), JSON.stringify({ file }));
  await writeWhole(copyOf(stateDir, topology.name), source);
}

export function forget(stateDir: string, name: string): void {
  for (const file of [copyOf(stateDir, name), originOf(stateDir, name)]) rmSync(file, { force: true });
}

export const rememberedNames = (stateDir: string): string[] =>
  existsSync(directoryOf(stateDir))
    ? readdirSync(directoryOf(stateDir))
        .filter((name) => existsSync(copyOf(stateDir, name)))
        .sort()
    : [];

export const isRemembered = (stateDir: string, name: string): boolean => existsSync(copyOf(stateDir, name));

/** A power cut, or somebody, may have taken the record of it; the copy is then all that there is. */
function originAt(stateDir: string, name: string): string {
  try {
    return readJsonFile(originOf(stateDir, name), ORIGIN).file;
  } catch {
    return copyOf(stateDir, name);
  }
}

/** The topology as it was last provisioned, whatever has become of its file since. */
export async function loadRemembered(stateDir: string, name: string, home: string): Promise<LoadedTopology> {
  const source = readFileSync(copyOf(stateDir, name), 'utf8');
  return parseSource({ source, file: originAt(stateDir, name), home, shownAs: copyOf(stateDir, name) });
}
