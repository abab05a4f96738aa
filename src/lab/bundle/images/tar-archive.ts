import { TAR_END, tarHeader, tarPadding } from '../../../domain/bundle/tar-header.js';

export type TarEntry =
  | { type: 'file'; name: string; content: Buffer; mode?: number }
  | { type: 'folder'; name: string; mode?: number }
  | { type: 'link'; name: string; target: string };

const DEFAULT_MODES = { file: 0o644, link: 0o777, folder: 0o755 } as const;

/** The pieces of a ustar archive whose bytes depend on nothing but the entries. */
export function tarPieces(entries: readonly TarEntry[]): Buffer[] {
  const pieces = entries.flatMap((entry) => {
    const content = entry.type === 'file' ? entry.content : Buffer.alloc(0);
    return [header(entry, content.length), content, tarPadding(content.length)];
  });
  return [...pieces, TAR_END];
}

const header = (entry: TarEntry, size: number): Buffer =>
  tarHeader({
    type: entry.type,
    name: entry.type === 'folder' ? `${entry.name}/` : entry.name,
    mode: entry.type === 'link' ? DEFAULT_MODES.link : (entry.mode ?? DEFAULT_MODES[entry.type]),
    size,
    ...(entry.type === 'link' ? { target: entry.target } : {}),
  });
