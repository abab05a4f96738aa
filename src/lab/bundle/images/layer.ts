import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack, type Header } from 'tar-stream';

export type LayerEntry =
  | { type: 'file'; name: string; content: Buffer; mode?: number }
  | { type: 'folder'; name: string; mode?: number }
  | { type: 'link'; name: string; target: string };

/** Without a time tar-stream writes the current one. */
const NO_TIME = new Date(0);

/** A tar archive whose bytes depend only on the entries. Folders come first, each before what is in it. */
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
    case 'folder':
      // tar-stream does not add the slash that tells a folder.
      return { type: 'directory', name: `${entry.name}/`, mode: entry.mode ?? 0o755 };
    case 'link':
      return { type: 'symlink', name: entry.name, linkname: entry.target, mode: 0o777 };
  }
}

/** Adds the folders above each entry that are not entries themselves. */
function withParents(entries: readonly LayerEntry[]): LayerEntry[] {
  const folders = new Map(entries.filter(({ type }) => type === 'folder').map((folder) => [folder.name, folder]));
  for (const { name } of entries)
    for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above))
      if (!folders.has(above)) folders.set(above, { type: 'folder', name: above });
  // By name, a folder comes before what is in it.
  const sorted = [...folders.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...sorted, ...entries.filter(({ type }) => type !== 'folder')];
}
