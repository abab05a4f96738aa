import { expect, test } from '@jest/globals';
import { checksumLine, checksumLines, historyFiles } from '../support/temporal/histories.js';

test('no recorded history was changed or removed, and each is in the list of checksums', () => {
  const now = [...historyFiles()].map(([name, text]) => checksumLine(name, text));
  expect(now.sort()).toEqual(checksumLines().sort());
});
