import { expect, test } from '@jest/globals';
import { remoteCommand } from '../../../src/lab/hosts/ssh-command.js';

test.each([
  [['uname -a | wc'], 'uname -a | wc'],
  [['sh', '-c', 'echo hi'], "sh -c 'echo hi'"],
  [['echo', "it's"], "echo 'it'\\''s'"],
])('%j is sent as %j', (words, line) => {
  expect(remoteCommand(words)).toBe(line);
});
