import { describe, expect, test } from '@jest/globals';
import { mountsBelow, readMounts } from '../../../src/lab/machine/mount-table.js';

const MOUNTINFO = [
  '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
  '30 22 7:0 / /state/hosts/vm-a/disk rw - ext4 /dev/loop0 rw',
  '31 22 0:40 / /state/hosts/vm-a/root rw - overlay leafspan-lab-vm-a rw,lowerdir=/x',
  '32 22 0:41 / /state\\040two rw shared:5 master:1 - tmpfs tmpfs rw',
  '33 22 0:42 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
].join('\n');

describe('mount table', () => {
  test('a line yields folder, type and source, with blanks restored', () => {
    expect(readMounts(MOUNTINFO)[3]).toEqual({ dir: '/state two', type: 'tmpfs', source: 'tmpfs' });
  });

  test('what was mounted last is unmounted first', () => {
    expect(mountsBelow('/state', readMounts(MOUNTINFO))).toEqual(['/state/hosts/vm-a/root', '/state/hosts/vm-a/disk']);
  });

  test('a folder whose name begins alike is somebody else’s', () => {
    expect(mountsBelow('/stat', readMounts(MOUNTINFO))).toEqual([]);
  });
});
