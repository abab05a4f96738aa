export const TAR_BLOCK = 512;

export interface TarMember {
  type: 'file' | 'link' | 'folder';
  name: string;
  mode: number;
  size: number;
  /** Of a link. */
  target?: string;
}

const TYPE_FLAGS = { file: '0', link: '2', folder: '5' } as const;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** A ustar header that depends on nothing but the member: no time, no owner but root. */
export function tarHeader({ type, name, mode, size, target = '' }: TarMember): Buffer {
  if (Buffer.byteLength(name) > 100 || Buffer.byteLength(target) > 100)
    throw new RangeError(`too long for a ustar header without a prefix: "${name}"`);
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148); // the checksum counts its own field as blanks
  block.write(TYPE_FLAGS[type], 156);
  block.write(target, 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** What follows a member of this size, up to the next header. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);

export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);
