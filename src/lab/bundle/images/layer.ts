import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack, type Header } from 'tar-stream';

export type LayerEntry =
  | { type: 'file'; name: string; content: Buffer; mode?: number }
  | { type: 'directory'; name: string; mode?: number }
  | { type: 'link'; name: string; target: string };

/** Without a time tar-stream writes the current one. */
const NO_TIME = new Date(0);

/** A tar archive whose bytes depend only on the entries. Directories come first, each before what is in it. */
export function packLayer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const layer = pack();
  for (const entry of withParents(entries)) {
    const header = { ...headerOf(entry), mtime: NO_TIME };
    if (entry.type === 'file') layer.entry(header, entry.content);
    else layer.entry(header);
  }
  layer.finalize();
  return buffer(layer);
}

function headerOf(entry: LayerEntry): Partial<Header> & Pick<Header, 'name'> {
  switch (entry.type) {
    case 'file':
      return { type: 'file', name: entry.name, mode: entry.mode ?? 0o644 };
    case 'directory':
      // tar-stream does not add the slash that marks a directory.
      return { type: 'directory', name: `${entry.name}/`, mode: entry.mode ?? 0o755 };
    case 'link':
      return { type: 'symlink', name: entry.name, linkname: entry.target, mode: 0o777 };
  }
}

/** Adds the directories above each entry that are not entries themselves. */
function withParents(entries: readonly LayerEntry[]): LayerEntry[] {
  const directories = new Map(
    entries.filter(({ type }) => type === 'directory').map((directory) => [directory.name, directory]),
  );
  for (const { name } of entries)
    for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above))
      if (!directories.has(above)) directories.set(above, { type: 'directory', name: above });
  // By name, a directory comes before what is in it.
  const sorted = [...directories.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...sorted, ...entries.filter(({ type }) => type !== 'directory')];
}
