import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = resolve(ROOT, 'test/fixtures/layers');
const CONFIG = resolve(ROOT, '.dependency-cruiser.cjs');

interface Violation {
  from: string;
  rule: { name: string };
}

const { forbidden } = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] };
const rules = forbidden.map(({ name }) => name);

let violations: Violation[] = [];

beforeAll(async () => {
  const cruiser = resolve(ROOT, 'node_modules/.bin/depcruise');
  const args = ['--config', CONFIG, '--output-type', 'json', 'src'];
  // The tool's exit code is the number of violations.
  const { stdout } = await promisify(execFile)(cruiser, args, { cwd: FIXTURES }).catch(
    (error: unknown) => error as { stdout: string },
  );
  ({ violations } = (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary);
});

test.each(rules)('rule %s reports the fixture that breaks it', (rule) => {
  const broken = violations.filter(({ rule: { name } }) => name === rule).map(({ from }) => basename(from, '.ts'));
  // A cycle is reported at either end.
  expect(broken.join()).toContain(rule);
});

test('what is allowed is not reported', () => {
  expect(violations.filter(({ from }) => basename(from) === 'allowed.ts')).toEqual([]);
});
