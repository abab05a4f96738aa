import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hostProxies, useHostProxies } from '../../../src/domain/hosts/proxy.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-proxy-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const onHost = (script: string): string[] =>
  execFileSync('bash', ['-s'], {
    input: `set -eu\n${script.replaceAll('/etc/environment', join(root, 'environment'))}`,
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean);
const LIST = `${hostProxies}\nprintf '%s\\n' \${proxies[@]+"\${proxies[@]}"}`;

test("the host's proxies are read as they are written there, and nothing else is", () => {
  const lines = [
    'PATH="/usr/bin"',
    'https_proxy="http://squid.example:3128/?a=b"',
    "export NO_PROXY='localhost,10.0.0.0/8'",
    '# all_proxy=socks5://old.example',
    'HTTP_PROXY=http://$(touch x);`id`@squid.example',
  ];
  writeFileSync(join(root, 'environment'), lines.join('\n'));
  expect(onHost(LIST)).toEqual([
    'https_proxy=http://squid.example:3128/?a=b',
    'NO_PROXY=localhost,10.0.0.0/8',
    'HTTP_PROXY=http://$(touch x);`id`@squid.example',
  ]);
});

test('what follows runs with them', () => {
  writeFileSync(join(root, 'environment'), 'https_proxy=http://squid.example:3128\n');
  expect(onHost(`${useHostProxies}\nbash -c 'echo "$https_proxy"'`)).toEqual(['http://squid.example:3128']);
});

test('a host without the file, or without proxies, has none', () => {
  expect(onHost(LIST)).toEqual([]);
  writeFileSync(join(root, 'environment'), 'LANG=C\n');
  expect(onHost(`${useHostProxies}\necho on`)).toEqual(['on']);
});
