import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptMirror, recipeDigest } from '../../../src/lab/hosts/root.js';

let etc = '';
beforeEach(() => {
  etc = mkdtempSync(join(tmpdir(), 'etc-'));
  mkdirSync(join(etc, 'apt', 'sources.list.d'), { recursive: true });
  writeFileSync(join(etc, 'os-release'), 'ID=debian\n');
});
afterEach(() => rmSync(etc, { recursive: true }));

describe('mirror of the host root', () => {
  test.each([
    ['sources.list', 'deb https://mirror.example/debian bookworm main\n'],
    ['sources.list', 'deb [signed-by=/k.gpg] https://mirror.example/debian bookworm main\n'],
    ['sources.list.d/d.sources', 'Types: deb\nURIs: https://mirror.example/debian\nSuites: bookworm\n'],
    [
      'sources.list',
      'deb https://vendor.example/apt x main\n#deb https://no.example/debian x\ndeb https://mirror.example/debian y main\n',
    ],
  ])('is read from %s: %j', (file, text) => {
    writeFileSync(join(etc, 'apt', file), text);
    expect(aptMirror(etc)).toEqual(['https://mirror.example/debian']);
  });

  test('is left to debootstrap on a machine that is no Debian', () => {
    writeFileSync(join(etc, 'os-release'), 'ID=ubuntu\nID_LIKE=debian\n');
    writeFileSync(join(etc, 'apt', 'sources.list'), 'deb https://mirror.example/ubuntu noble main\n');
    expect(aptMirror(etc)).toEqual([]);
  });
});

describe('digest of the recipe', () => {
  test('changes with a name and with a content, and with nothing else', () => {
    const before = recipeDigest(etc);
    expect(recipeDigest(etc)).toBe(before);
    writeFileSync(join(etc, 'os-release'), 'ID=other\n');
    const after = recipeDigest(etc);
    writeFileSync(join(etc, 'new'), '');
    expect(new Set([before, after, recipeDigest(etc)]).size).toBe(3);
  });
});
