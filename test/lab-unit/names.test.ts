import { describe, expect, test } from '@jest/globals';
import { labDefaults, namesOf } from '../../src/lab/names.js';

const namesFor = (name: string) => namesOf({ name, stateDir: '/state', cacheDir: '/cache' });

describe('lab names', () => {
  test('the default lab lives under /var/lib, its cache under the cache folder of the user', () => {
    expect(labDefaults({ HOME: '/home/x' })).toEqual({
      name: 'lab',
      stateDir: '/var/lib/leafspan-lab',
      cacheDir: '/home/x/.cache/leafspan/lab',
    });
  });

  test('the environment overrides name, state and cache', () => {
    const env = { LEAFSPAN_LAB_NAME: 'two', LEAFSPAN_LAB_STATE: '/s', XDG_CACHE_HOME: '/c' };
    expect(labDefaults(env)).toEqual({ name: 'two', stateDir: '/s', cacheDir: '/c/leafspan/lab' });
  });

  test('another name moves the state folder', () => {
    expect(labDefaults({ LEAFSPAN_LAB_NAME: 'two' }).stateDir).toBe('/var/lib/leafspan-two');
  });

  test('the default lab has its documented addresses', () => {
    const names = namesFor('lab');
    expect([names.gateway, names.host('vm-a').address, names.host('vm-b').address]).toEqual([
      '172.30.77.1',
      '172.30.77.11',
      '172.30.77.12',
    ]);
  });

  test.each(['lab', 'ci', 'k1', 'labtest', 'twelveletter'])(
    'lab "%s" has a link name that the kernel takes',
    (name) => {
      expect(namesFor(name).uplink).toMatch(/^leafspan-\w{1,6}$/);
    },
  );

  test('no other name has the subnet of the default lab', () => {
    const subnets = Array.from({ length: 600 }, (_, index) => namesFor(`n${String(index)}`).subnet);
    expect(subnets).not.toContain('172.30.77');
  });

  test.each(['', 'Lab', 'a-b', '9a', 'thirteenchars'])('lab name "%s" is refused', (name) => {
    expect(() => namesFor(name)).toThrow(expect.objectContaining({ code: 'LAB_BAD_NAME' }));
  });

  test.each(['vm-aa', 'vm-1', 'a', '../x'])('host name "%s" is unknown', (host) => {
    expect(() => namesFor('lab').host(host)).toThrow(expect.objectContaining({ code: 'LAB_UNKNOWN_HOST' }));
  });
});
