import { expect, test } from '@jest/globals';
import { cutRules } from '../../../src/lab/faults/cut.js';

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
