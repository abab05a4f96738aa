import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** A content, or where a link leads. */
type Contents = Readonly<Record<string, string | Buffer | { link: string }>>;

/** As the real tar packs it. */
export function tarGzOf(contents: Contents, ...options: string[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'leafspan-archive-'));
  try {
    for (const [name, content] of Object.entries(contents)) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, path);
      else writeFileSync(path, content);
    }
    const tar = ['-cf', '-', '--mtime=@0', '-C', directory, ...options, ...Object.keys(contents)];
    return gzipSync(execFileSync('tar', tar, { maxBuffer: 1 << 30 }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const FILE = 0o100755;
const LINK = 0o120777;

/** A zip as programs on Unix write it. */
export function zipOf(contents: Contents, { comment = '', method = 8 } = {}): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, given] of Object.entries(contents)) {
    const isLink = typeof given === 'object' && 'link' in given;
    const content = Buffer.from(isLink ? given.link : given);
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((isLink ? LINK : FILE) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0003'), common, rest, Buffer.from(name));
    const entry = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    local.push(entry);
    offset += entry.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(Object.keys(contents).length, 8);
  end.writeUInt16LE(Object.keys(contents).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...local, listed, end, Buffer.from(comment)]);
}
