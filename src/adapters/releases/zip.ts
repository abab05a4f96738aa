import { open, type FileHandle } from 'node:fs/promises';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const END = { signature: 0x06054b50, size: 22, maxComment: 65_535 };
const ENTRY = { signature: 0x02014b50, size: 46 };
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
/** The upper half of a file's attributes is its mode on Unix. */
const isLink = (attributes: number): boolean => attributes >>> 28 === 0xa;

interface Member {
  method: number;
  crc: number;
  packed: number;
  unpacked: number;
  offset: number;
}

/** Hands the content of a member to `use`, and checks it. False: there is no such member. */
export async function readMember(
  archive: string,
  name: string,
  use: (content: Readable) => Promise<void>,
): Promise<boolean> {
  const file = await open(archive);
  try {
    const member = await find(file, name);
    if (member === undefined) return false;
    const start = member.offset + LOCAL_SIZE + (await localRest(file, member.offset));
    const packed = file.createReadStream({ start, end: start + member.packed - 1, autoClose: false });
    await use(Readable.from(checked(unpack(member, name, packed), member, name)));
    return true;
  } finally {
    await file.close();
  }
}

async function find(file: FileHandle, wanted: string): Promise<Member | undefined> {
  const { size } = await file.stat();
  const tail = await bytes(file, Math.max(0, size - END.size - END.maxComment), END.size + END.maxComment);
  let end = tail.length - END.size;
  while (end >= 0 && tail.readUInt32LE(end) !== END.signature) end--;
  if (end < 0) throw new Error('it is not a zip file');
  const directory = await bytes(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  let at = 0;
  while (at + ENTRY.size <= directory.length && directory.readUInt32LE(at) === ENTRY.signature) {
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const next = at + ENTRY.size + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    if (directory.toString('utf8', at + ENTRY.size, at + ENTRY.size + (name ?? 0)) === wanted)
      return memberAt(directory, at, wanted);
    at = next;
  }
  return undefined;
}

function memberAt(directory: Buffer, at: number, name: string): Member {
  if (isLink(directory.readUInt32LE(at + 38))) throw new Error(`${name} is not a file, but a link`);
  return {
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    packed: directory.readUInt32LE(at + 20),
    unpacked: directory.readUInt32LE(at + 24),
    offset: directory.readUInt32LE(at + 42),
  };
}

/** Between the local header and the content; it may differ from what the directory has. */
async function localRest(file: FileHandle, offset: number): Promise<number> {
  const header = await bytes(file, offset, LOCAL_SIZE);
  return header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function bytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function unpack({ method }: Member, name: string, packed: Readable): AsyncIterable<Uint8Array> {
  if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed in a way that is not supported`);
  const through = method === STORED ? new PassThrough() : createInflateRaw();
  return pipeline(packed, through, () => undefined);
}

async function* checked(
  content: AsyncIterable<Uint8Array>,
  { crc, unpacked }: Member,
  name: string,
): AsyncGenerator<Uint8Array> {
  let [sum, length] = [0, 0];
  for await (const chunk of content) {
    sum = crc32(chunk, sum);
    length += chunk.length;
    yield chunk;
  }
  if (length !== unpacked || sum !== crc) throw new Error(`${name} is damaged`);
}
