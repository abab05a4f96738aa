import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';
import type { Topology } from '../../contract/topology/topology.js';
import { renderProblems } from '../terminal/problems.js';

export interface LoadedTopology {
  topology: Topology;
  /** The file's text as it was read. */
  source: string;
  /** Absolute path of the file that the user wrote. */
  file: string;
}

/** Where a topology's text comes from, and the directory that its relative paths start at. */
interface Origin {
  source: string;
  file: string;
  home: string;
  /** As the user named it, for messages. */
  shownAs: string;
}

export const readTopologyFile = (file: string, cwd: string, home: string): Promise<LoadedTopology> => {
  const path = resolve(cwd, expandHome(file, home));
  return parseSource({ source: readText(path, file), file: path, home, shownAs: file });
};

/** @throws ProvisionError TOPOLOGY_INVALID with every problem of the file */
export async function parseSource({ source, file, home, shownAs }: Origin): Promise<LoadedTopology> {
  // zod costs 90 ms: only commands that read a topology pay for it.
  const { parseTopology } = await import('../../domain/topology/parse.js');
  const directory = dirname(file);
  const parsed = parseTopology(source, (path) => {
    const expanded = expandHome(path, home);
    return isAbsolute(expanded) ? expanded : join(directory, expanded);
  });
  if (parsed.ok) return { topology: parsed.topology, source, file };
  throw new ProvisionError('TOPOLOGY_INVALID', renderProblems(shownAs, parsed.problems));
}

export const expandHome = (path: string, home: string): string =>
  path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;

/** A thousand leaves take less than 1 MB. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads no more than the limit and one byte: what is named may have no end. */
function readStart(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0; length += read) read = readSync(file, buffer, length, buffer.length - length, null);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function readText(path: string, shownAs: string): string {
  try {
    const contents = readStart(path);
    if (contents.length <= MAX_BYTES) return contents.toString('utf8');
    throw Object.assign(new RangeError(), { code: 'EFBIG' });
  } catch (error) {
    const code = codeOf(error) ?? 'unknown';
    const because: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory',
      EACCES: 'permission denied',
      EFBIG: `it is larger than ${MAX_BYTES >> 20} MB`,
    };
    throw new ProvisionError(
      'TOPOLOGY_INVALID',
      `${shownAs}: ${because[code] ?? code}`,
      'pass a topology file with -f; docs/topology.md has an example',
    );
  }
}
