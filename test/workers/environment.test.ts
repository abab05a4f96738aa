import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../src/workers/environment.js';

test('without settings of the user a worker starts 8 logins and sends 4 files at once', () => {
  expect(readEnvironment({}).sshLimits).toEqual({ logins: 8, transfers: 4 });
});

test('the limits of logins and transfers are the user’s to set', () => {
  const env = { LEAFSPAN_MAX_LOGINS: '20', LEAFSPAN_MAX_TRANSFERS: '1' };
  expect(readEnvironment(env).sshLimits).toEqual({ logins: 20, transfers: 1 });
});

test.each(['0', '-1', '1.5', 'many', '1e9'])('a limit of %s is refused with the name of the variable', (text) => {
  const read = (): unknown => readEnvironment({ LEAFSPAN_MAX_TRANSFERS: text });
  expect(read).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: `LEAFSPAN_MAX_TRANSFERS is "${text}", not a whole number from 1 to 1000`,
      hint: 'unset LEAFSPAN_MAX_TRANSFERS for the default of 4, or set it to such a number',
    }),
  );
});
