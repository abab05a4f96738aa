import { describe, expect, test } from '@jest/globals';
import { cutRules, hostOf } from '../../src/lab/lab-fault.js';
import { namesOf } from '../../src/lab/lab-names.js';
import { remoteCommand } from '../../src/lab/lab-ssh.js';

describe('lab faults', () => {
  test('a cut path drops everything but ARP, both ways, under whatever address it travels', () => {
    expect(cutRules('vm-a', 'vm-b').trim().split('\n')).toEqual([
      'add rule bridge lab cuts iifname "vm-a" oifname "vm-b" meta protocol { ip, ip6 } drop',
      'add rule bridge lab cuts iifname "vm-b" oifname "vm-a" meta protocol { ip, ip6 } drop',
    ]);
  });

  test('a cut port drops what goes to it and what comes back from it', () => {
    expect(cutRules('vm-a', 'vm-b', 30722).trim().split('\n')).toEqual([
      'add rule bridge lab cuts iifname "vm-a" oifname "vm-b" tcp dport 30722 drop',
      'add rule bridge lab cuts iifname "vm-b" oifname "vm-a" tcp sport 30722 drop',
    ]);
  });

  test('a host that the lab does not have is named, with those that it has', () => {
    const names = namesOf({ name: 'none', stateDir: '/nonexistent', cacheDir: '/nonexistent' });
    expect(() => hostOf(names, 'vm-c')).toThrow('the lab "none" has no host "vm-c"; it has none');
  });
});

describe('remote command', () => {
  test.each([
    [['uname -a | wc'], 'uname -a | wc'],
    [['sh', '-c', 'echo hi'], "sh -c 'echo hi'"],
    [['echo', "it's"], "echo 'it'\\''s'"],
  ])('%j is sent as %j', (words, line) => {
    expect(remoteCommand(words)).toBe(line);
  });
});
