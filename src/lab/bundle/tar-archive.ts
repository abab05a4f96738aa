const BLOCK = 512;

export type TarEntry =
  | { type: 'file'; name: string; content: Buffer; mode?: number }
  | { type: 'folder'; name: string; mode?: number }
  | { type: 'link'; name: string; target: string };

const TYPE_FLAGS = { file: '0', link: '2', folder: '5' } as const;
const DEFAULT_MODES = { file: 0o644, link: 0o777, folder: 0o755 } as const;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** The pieces of a ustar archive whose bytes depend on nothing but the entries: no time, no owner but root. */
export function tarPieces(entries: readonly TarEntry[]): Buffer[] {
  const pieces = entries.flatMap((entry) => {
    const content = entry.type === 'file' ? entry.content : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return [...pieces, Buffer.alloc(2 * BLOCK)];
}

function header(entry: TarEntry, size: number): Buffer {
  const name = entry.type === 'folder' ? `${entry.name}/` : entry.name;
  const target = entry.type === 'link' ? entry.target : '';
  if (Buffer.byteLength(name) > 100 || Buffer.byteLength(target) > 100) {
    throw new RangeError(`too long for a ustar header without a prefix: "${name}"`);
  }
  const mode = entry.type === 'link' ? DEFAULT_MODES.link : (entry.mode ?? DEFAULT_MODES[entry.type]);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148); // the checksum counts its own field as blanks
  block.write(TYPE_FLAGS[entry.type], 156);
  block.write(target, 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
