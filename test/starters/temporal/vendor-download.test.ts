import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fetchFromVendor } from '../../../src/starters/temporal/download/vendor-download.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-vendor-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A curl that notes its proxy, and saves what the vendor would send: a description, then the archive. */
function curl(): NodeJS.ProcessEnv {
  const described = JSON.stringify({ archiveUrl: 'https://vendor.example/cli.tar.gz', fileToExtract: 'temporal' });
  writeFileSync(
    join(root, 'curl'),
    `#!/bin/bash
echo "$https_proxy \${@: -1}" >> ${root}/calls
while [ "$1" != -o ]; do shift; done
case $3 in
*cli.tar.gz) echo program > ${root}/temporal; tar -czf "$2" -C ${root} temporal ;;
*) echo '${described}' > "$2" ;;
esac
`,
    { mode: 0o755 },
  );
  return { PATH: `${root}:/usr/bin:/bin`, https_proxy: 'http://squid.example:3128' };
}

test('where a proxy is set, the Temporal CLI is fetched through it', async () => {
  const env = curl();
  const work = mkdtempSync(join(root, 'work-'));
  expect(await fetchFromVendor('1.9.1', join(work, 'temporal'), env)).toBeUndefined();
  expect(readFileSync(join(work, 'temporal'), 'utf8')).toBe('program\n');
  expect(readFileSync(join(root, 'calls'), 'utf8').split('\n')).toEqual([
    expect.stringMatching(/^http:\/\/squid.example:3128 https:\/\/temporal.download\/cli\/v1.9.1\?/),
    'http://squid.example:3128 https://vendor.example/cli.tar.gz',
    '',
  ]);
});

test('without curl the reason says so, and the next source is tried', async () => {
  const env = { PATH: root, https_proxy: 'http://squid.example:3128' };
  expect(await fetchFromVendor('1.9.1', join(root, 'temporal'), env)).toMatch(/curl.*ENOENT/);
});
