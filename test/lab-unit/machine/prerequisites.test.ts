import { describe, expect, test } from '@jest/globals';
import {
  familyOf,
  missingPackages,
  requireRootOnLinux,
  TOOLS,
  type Machine,
} from '../../../src/lab/machine/prerequisites.js';

const machine: Machine = { platform: 'linux', uid: 0, path: '/usr/bin', osRelease: 'ID=debian\n' };

describe('lab prerequisites', () => {
  test('another system than Linux is refused by name', () => {
    expect(() => requireRootOnLinux({ ...machine, platform: 'darwin' })).toThrow(/needs Linux; this is darwin/);
  });

  test('a user without root is told to use sudo', () => {
    const refusal = expect.objectContaining({ code: 'LAB_NOT_ROOT', hint: expect.stringContaining('sudo') });
    expect(() => requireRootOnLinux({ ...machine, uid: 1000 })).toThrow(refusal);
  });

  test('root on Linux passes', () => {
    expect(() => requireRootOnLinux(machine)).not.toThrow();
  });

  test.each([
    ['ID=debian\nVERSION_ID="12"\n', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian\n', 'debian'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
    ['ID=arch\n', 'arch'],
    ['ID=nixos\n', undefined],
  ])('%j is of the family %s', (osRelease, family) => {
    expect(familyOf(osRelease)).toBe(family);
  });

  test('a machine with every tool lacks no package', () => {
    expect(missingPackages(() => true, 'debian')).toEqual({ commands: [], packages: [] });
  });

  test('a package that brings two missing tools is named once', () => {
    const has = (command: string): boolean => !command.startsWith('ssh');
    expect(missingPackages(has, 'debian')).toEqual({ commands: ['ssh', 'ssh-keygen'], packages: ['openssh-client'] });
  });

  test('a bare machine is told every package of its own family', () => {
    expect(missingPackages(() => false, 'fedora').packages).toContain('systemd-container');
    expect(missingPackages(() => false, 'debian').commands).toHaveLength(TOOLS.length);
  });
});
