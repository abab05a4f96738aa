import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from '../context.js';
import { parseSource, type LoadedTopology } from './load.js';

/** Topologies that were provisioned from this machine: a copy of the text, and where it came from. */
const folderOf = (stateDir: string): string => join(stateDir, 'topologies');
const copyOf = (stateDir: string, name: string): string => join(folderOf(stateDir), name, 'topology.yaml');
const originOf = (stateDir: string, name: string): string => join(folderOf(stateDir), name, 'origin.json');

export function remember(stateDir: string, { topology, source, file }: LoadedTopology): void {
  privateFolder(join(folderOf(stateDir), topology.name));
  writeFileSync(copyOf(stateDir, topology.name), source, { mode: 0o600 });
  writeFileSync(originOf(stateDir, topology.name), JSON.stringify({ file }), { mode: 0o600 });
}

export function forget(stateDir: string, name: string): void {
  for (const file of [copyOf(stateDir, name), originOf(stateDir, name)]) rmSync(file, { force: true });
}

export const rememberedNames = (stateDir: string): string[] =>
  existsSync(folderOf(stateDir))
    ? readdirSync(folderOf(stateDir))
        .filter((name) => existsSync(copyOf(stateDir, name)))
        .sort()
    : [];

export const isRemembered = (stateDir: string, name: string): boolean => existsSync(copyOf(stateDir, name));

/** The topology as it was last provisioned, whatever has become of its file since. */
export function loadRemembered(stateDir: string, name: string, home: string): Promise<LoadedTopology> {
  const { file } = JSON.parse(readFileSync(originOf(stateDir, name), 'utf8')) as { file: string };
  const source = readFileSync(copyOf(stateDir, name), 'utf8');
  return parseSource({ source, file, home, shownAs: copyOf(stateDir, name) });
}
