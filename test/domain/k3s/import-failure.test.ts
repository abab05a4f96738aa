import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { importFailureScript } from '../../../src/domain/k3s/images.js';

const IMAGES = '/var/lib/rancher/k3s/agent/images';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-import-'));
  mkdirSync(join(root, IMAGES), { recursive: true });
  mkdirSync(join(root, '/var/lib/leafspan'), { recursive: true });
  writeFileSync(join(root, IMAGES, 'ours.tar'), 'x');
  writeFileSync(join(root, '/var/lib/leafspan/files'), `/usr/local/bin/k3s\n${root}${IMAGES}/ours.tar\n`);
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the script prints on a host whose K3s has logged these lines since the file came. */
function printed(...log: string[]): string {
  mkdirSync(join(root, 'bin'));
  const journal = join(root, 'bin/journalctl');
  writeFileSync(join(root, 'log'), log.map((line) => `${line.replaceAll(IMAGES, root + IMAGES)}\n`).join(''));
  writeFileSync(journal, `#!/bin/sh\ncase "$*" in *"--since @"[0-9]*) cat ${root}/log ;; esac\n`);
  chmodSync(journal, 0o755);
  const script = importFailureScript.replaceAll('/var/lib/', `${root}/var/lib/`);
  const env = { PATH: `${root}/bin:${process.env['PATH'] ?? ''}` };
  return execFileSync('bash', ['-c', `${script}\ntrue`], { encoding: 'utf8', env });
}

const FAILED = `level=error msg="Error encountered while importing ${IMAGES}/ours.tar: no space left on device"`;
const REFUSED = `level=error msg="Failed to process image event: failed to import ${IMAGES}/ours.tar: unexpected EOF"`;

test.each([
  ['at its start', FAILED, /no space left on device/],
  ['while it runs', REFUSED, /unexpected EOF/],
])('a file that K3s cannot import %s is found, with its words', (_when, line, said) => {
  expect(printed('level=info msg="Imported images from other.tar"', line)).toMatch(said);
});

test.each([
  ['nothing but what it has imported', `level=info msg="Imported images from ${IMAGES}/ours.tar in 2s"`],
  ['of a file of others', FAILED.replace('ours', 'theirs')],
])('K3s that says %s has not failed', (_what, line) => {
  expect(printed(line)).toBe('');
});
