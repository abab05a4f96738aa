import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

test('a worker runs compiled code, and says in two lines which setting it cannot read', () => {
  const env = { ...process.env, NODE_OPTIONS: '', LEAFSPAN_BUILD_ID: '', LEAFSPAN_MAX_LOGINS: 'many' };
  const worker = spawnSync(process.execPath, [resolve(ROOT, 'bin/leafspan-worker.js')], { env, encoding: 'utf8' });
  expect(worker.stderr).toBe(
    'LEAFSPAN_MAX_LOGINS is "many", not a whole number from 1 to 1000\n' +
      'hint: unset LEAFSPAN_MAX_LOGINS for the default of 8, or set it to such a number\n',
  );
  expect(worker.status).toBe(2);
  expect(existsSync(resolve(ROOT, '.leafspan/compiled'))).toBe(true);
});
