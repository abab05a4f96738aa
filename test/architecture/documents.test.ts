import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parseTopology } from '../../src/domain/topology/parse.js';
import { anchors, markdownFiles, read, ROOT, withoutCode } from './documents.js';

const isAnchored = (target: string, anchor: string): boolean =>
  target.endsWith('.md') ? anchors(read(target)).includes(anchor) : /^L\d+/.test(anchor);

/** `target` as it stands in the link, when it leads nowhere. */
function brokenLinks(file: string): string[] {
  const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? '',
  );
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      if (anchor === undefined) return false;
      return !statSync(join(ROOT, target)).isFile() || !isAnchored(target, anchor);
    });
}

test.each(markdownFiles())('the links of %s lead somewhere', (file) => {
  expect(brokenLinks(file)).toEqual([]);
});

/** Rows of the tables of docs/reliability.md: the last cell names the tests. */
const PROMISES = read('docs/reliability.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Fault|-)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, fault = '', , tests = '']): [fault: string, tests: string] => [fault, tests]);

test.each(PROMISES)('what is promised of "%s" has a test that is there, or a reason', (_fault, tests) => {
  const named = [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(named.length > 0 || tests.startsWith('none: ')).toBe(true);
});

test('docs/topology.md and its JSON Schema are what the schema says', async () => {
  const script = join(ROOT, 'scripts/topology-docs.ts');
  const told = await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsx'), [script, '--check']).then(
    () => '',
    (error: unknown) => (error as { stderr: string }).stderr,
  );
  expect(told).toBe('');
});

test('the example topology is valid', () => {
  const parsed = parseTopology(read('docs/topology.example.yaml'), (path) => `/home/ada/${path}`);
  expect(parsed).toMatchObject({ ok: true, topology: { name: 'plant-7', approvals: ['messaging'] } });
});

test('the example topology names the schema for editors, and the schema is there', () => {
  const [first = ''] = read('docs/topology.example.yaml').split('\n');
  const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first)?.[1];
  expect(existsSync(join(ROOT, 'docs', schema ?? 'none'))).toBe(true);
});

test('the topology in the README is valid', () => {
  const [, yaml = ''] = /^```yaml\n(apiVersion: leafspan[\s\S]*?)^```/m.exec(read('README.md')) ?? [];
  expect(parseTopology(yaml, (path) => path)).toMatchObject({ ok: true });
});

test('every @temporalio package has the same exact version', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const versions = Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name]) => name.startsWith('@temporalio/'))
    .map(([, version]) => version);
  expect(new Set(versions).size).toBe(1);
  expect(versions[0]).toMatch(/^\d+\.\d+\.\d+$/);
});
