import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { historyKeysFile } from '../../src/codec/history-keys.js';
import { ServedCli } from '../support/cli/served-cli.js';

const cli = new ServedCli();

test('a command without the key of a run says which file it needs', async () => {
  await cli.run('provision', '-f', cli.topology());
  rmSync(historyKeysFile(cli.stateDir));
  const { code, stderr } = await cli.run('status', cli.name);
  expect(code).toBe(1);
  expect(stderr).toMatch(/encrypted with the key [0-9a-f]{16}, which is not in \S+history-keys/);
  expect(stderr).toMatch(/hint: add the line that begins with [0-9a-f]{16}[^]*troubleshooting\.md#history-key-missing/);
});
