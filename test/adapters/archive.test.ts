import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { extractMember } from '../../src/adapters/releases/archive.js';
import type { ArchiveFormat } from '../../src/domain/artifacts/tools.js';
import { tarGzOf, zipOf } from '../support/archives.js';
import { failureOf } from '../support/errors.js';

const { signal } = new AbortController();
const MEMBER = 'tool-1.0/bin/tool';
const PROGRAM = Buffer.from('\u007fELF and more '.repeat(20_000));
const LIMITS = { program: 1, unpacked: 4 };
const ZEROS = Buffer.alloc(5 << 20);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-unpack-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

async function unpack(format: ArchiveFormat, archive: Buffer): Promise<Buffer> {
  writeFileSync(join(root, 'archive'), archive);
  const program = {
    name: 'tool',
    version: 'v1.0',
    url: 'https://example.org/tool',
    sha256: '',
    format,
    member: MEMBER,
  };
  await extractMember(join(root, 'archive'), program, join(root, 'program'), signal, LIMITS);
  return readFileSync(join(root, 'program'));
}

test.each<[what: string, format: ArchiveFormat, archive: Buffer]>([
  ['a tar.gz', 'tar.gz', tarGzOf({ README: 'text', [MEMBER]: PROGRAM })],
  ['a zip', 'zip', zipOf({ README: 'text', [MEMBER]: PROGRAM })],
  ['a zip that packs nothing', 'zip', zipOf({ README: 'text', [MEMBER]: PROGRAM }, { method: 0 })],
  ['a zip with a comment', 'zip', zipOf({ [MEMBER]: PROGRAM }, { comment: 'signed PK' })],
])('takes the named file out of %s', async (_what, format, archive) => {
  expect((await unpack(format, archive)).equals(PROGRAM)).toBe(true);
});

test.each<[what: string, format: ArchiveFormat, archive: Buffer]>([
  ['a tar.gz', 'tar.gz', tarGzOf({ evil: 'evil', [MEMBER]: PROGRAM }, '-P', '--transform', 's|^evil|../evil|')],
  ['a zip', 'zip', zipOf({ '../evil': 'evil', '/tmp/leafspan-evil': 'evil', [MEMBER]: PROGRAM })],
])('names in %s that lead elsewhere are not followed', async (_what, format, archive) => {
  await unpack(format, archive);
  expect(readdirSync(root).sort()).toEqual(['archive', 'program']);
  expect(readdirSync(tmpdir())).not.toContain('evil');
  expect(readdirSync('/tmp')).not.toContain('leafspan-evil');
});

test.each<[what: string, format: ArchiveFormat, archive: () => Buffer, message: string]>([
  ['a tar.gz without the file', 'tar.gz', () => tarGzOf({ other: 'x' }), `has no file ${MEMBER}`],
  ['a zip without the file', 'zip', () => zipOf({ other: 'x' }), `has no file ${MEMBER}`],
  [
    'a link in a tar.gz',
    'tar.gz',
    () => tarGzOf({ [MEMBER]: { link: '/etc/passwd' } }),
    'not a file, but of type symlink',
  ],
  ['a link in a zip', 'zip', () => zipOf({ [MEMBER]: { link: '/etc/passwd' } }), 'not a file, but a link'],
  ['a page of a proxy', 'tar.gz', () => Buffer.from('<html>'), 'cannot be unpacked'],
  ['a page of a proxy as a zip', 'zip', () => Buffer.from('<html>'.repeat(10)), 'it is not a zip file'],
  ['a zip that is packed otherwise', 'zip', () => zipOf({ [MEMBER]: PROGRAM }, { method: 12 }), 'not supported'],
  ['a tar.gz that was cut', 'tar.gz', () => tarGzOf({ [MEMBER]: PROGRAM }).subarray(0, 300), 'cannot be unpacked'],
  [
    'a zip of a damaged file',
    'zip',
    () => damaged(zipOf({ [MEMBER]: PROGRAM }, { method: 0 })),
    `${MEMBER} is damaged`,
  ],
  ['a bomb in a tar.gz', 'tar.gz', () => tarGzOf({ [MEMBER]: ZEROS }), 'the program is larger'],
  ['a bomb in a zip', 'zip', () => zipOf({ [MEMBER]: ZEROS }), 'the program is larger than 1 MB'],
  [
    'a bomb in front of the file',
    'tar.gz',
    () => tarGzOf({ zeros: ZEROS, [MEMBER]: PROGRAM }),
    'it is larger than 4 MB',
  ],
])(
  '%s is refused',
  async (_what, format, archive, message) => {
    expect(await failureOf(unpack(format, archive()))).toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringContaining(message) as unknown,
    });
  },
  60_000,
);

function damaged(archive: Buffer): Buffer {
  archive[1_000] = 0;
  return archive;
}
