import { expect, test } from '@jest/globals';
import { hostOf } from '../../../src/lab/hosts/known.js';
import { namesOf } from '../../../src/lab/names.js';

test('a host that the lab does not have is named, with those that it has', () => {
  const names = namesOf({ name: 'none', stateDir: '/nonexistent', cacheDir: '/nonexistent' });
  expect(() => hostOf(names, 'vm-c')).toThrow('the lab "none" has no host "vm-c"; it has none');
});
