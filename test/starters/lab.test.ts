import { expect, test } from '@jest/globals';
import { Cli } from '../support/cli/cli.js';

test('an error of the lab has its code, what to do and its heading, like every error', async () => {
  const { code, stderr } = await new Cli().run('lab', 'ssh', 'vm-a');
  expect(code).toBe(2);
  expect(stderr).toBe(
    [
      'the lab "lab" has no host "vm-a"; it has none',
      'hint: create hosts with: lab up',
      'docs: docs/troubleshooting.md#lab-unknown-host (LAB_UNKNOWN_HOST)',
      '',
    ].join('\n'),
  );
});
