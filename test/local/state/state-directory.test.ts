import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { localDirectories } from '../../../src/local/state/state-directory.js';

const HOME = '/home/ada';

test.each<[behaviour: string, env: NodeJS.ProcessEnv, stateDir: string, cacheDir: string]>([
  ['below the home directory by default', { HOME }, '/home/ada/.local/state/leafspan', '/home/ada/.cache/leafspan'],
  [
    'below the XDG base directories',
    { HOME, XDG_STATE_HOME: '/state', XDG_CACHE_HOME: '/cache' },
    '/state/leafspan',
    '/cache/leafspan',
  ],
  [
    'below the home directory when the XDG ones are empty or relative',
    { HOME, XDG_STATE_HOME: '', XDG_CACHE_HOME: 'cache' },
    '/home/ada/.local/state/leafspan',
    '/home/ada/.cache/leafspan',
  ],
  [
    'below the home directory when LEAFSPAN_STATE_DIR is empty',
    { HOME, LEAFSPAN_STATE_DIR: '' },
    '/home/ada/.local/state/leafspan',
    '/home/ada/.cache/leafspan',
  ],
  [
    'below the home directory of the user when HOME is empty',
    { HOME: '' },
    join(userInfo().homedir, '.local/state/leafspan'),
    join(userInfo().homedir, '.cache/leafspan'),
  ],
  [
    'the same wherever the worker starts',
    { HOME, LEAFSPAN_STATE_DIR: 'mine' },
    join(process.cwd(), 'mine'),
    '/home/ada/.cache/leafspan',
  ],
  ['where LEAFSPAN_STATE_DIR says', { HOME, LEAFSPAN_STATE_DIR: '/mine' }, '/mine', '/home/ada/.cache/leafspan'],
])('state and cache are %s', (_behaviour, env, stateDir, cacheDir) => {
  expect(localDirectories(env)).toEqual({ stateDir, cacheDir });
});
