import { expect, test } from '@jest/globals';
import {
  changesTo,
  removalOf,
  rulesInTheWay,
  stepsFor,
} from '../../../../../src/domain/hosts/firewall/managed/changes.js';
import { firewallFactsScript, sectionsOf } from '../../../../../src/domain/hosts/firewall/managed/look.js';
import type { Sections } from '../../../../../src/domain/hosts/firewall/managed/rule.js';
import { ANYWHERE, type Opening } from '../../../../../src/domain/hosts/firewall/openings.js';
import { expectGolden } from '../../../../support/golden.js';

const MARK = 'leafspan:plant-7';
const LEAVES: Opening = {
  sources: ['192.0.2.20'],
  port: 30_722,
  toPod: true,
  why: 'NATS leaf nodes',
  crossesNetworks: true,
};
const CLIENTS: Opening = { sources: [ANYWHERE], port: 30_422, why: 'NATS clients outside', crossesNetworks: true };
const PODS: Opening = { sources: ['10.42.0.0/16'], why: 'pods of K3s', crossesNetworks: false };

const added = (seen: Sections, openings = [LEAVES]): string[] =>
  changesTo(seen, openings, MARK).add.map(({ text }) => text);

const ufw = (...rules: string[]): Sections => ({
  ufw: '',
  'ufw rules': rules.map((rule) => `### tuple ### ${rule}\n`).join(''),
});
const TUPLE = 'tcp 30722 0.0.0.0/0 any 192.0.2.20 in';
const ALLOW = `ufw allow proto tcp from 192.0.2.20 to any port 30722 comment ${MARK}`;

const zone = (name: string, fields = ''): string => `${name}\n  target: default\n${fields}  rich rules: \n`;
const firewalld = (...zones: string[]): Sections => ({
  firewalld: 'public\n',
  'firewalld runtime': zones.join('\n'),
  'firewalld permanent': zones.join('\n'),
});
const RICH = `'--add-rich-rule=rule family="ipv4" source address="192.0.2.20" port port="30722" protocol="tcp" accept'`;

const iptables = (...rules: string[]): Sections => ({ 'iptables rules': rules.join('\n') });

test.each<[what: string, seen: Sections, commands: string[]]>([
  ['no firewall', {}, []],
  ['ufw that is off', { 'ufw rules': '' }, []],
  ['ufw', ufw(), [ALLOW]],
  ['ufw with the same rule of its owner', ufw(`allow ${TUPLE}`), []],
  ['ufw with a rule of its owner that limits the same', ufw(`limit ${TUPLE}`), []],
  ['ufw with the same rule for another port', ufw(`allow ${TUPLE.replace('30722', '30723')}`), [ALLOW]],
  [
    'ufw with a rule that refuses all',
    ufw('deny any any 0.0.0.0/0 any 0.0.0.0/0 in'),
    [ALLOW.replace('ufw', 'ufw prepend')],
  ],
  [
    'firewalld, at once in the default zone and in the one of an interface',
    firewalld(zone('public'), zone('internal (active)', '  interfaces: eth1\n'), zone('work')),
    ['--zone=public', '--zone=internal', '--permanent --zone=public', '--permanent --zone=internal'].map(
      (where) => `firewall-cmd ${where} ${RICH}`,
    ),
  ],
  [
    'firewalld with a zone that has the address, and one that lets in all',
    firewalld(
      zone('public'),
      zone('plant (active)', '  sources: 192.0.2.0/24\n'),
      zone('docker (active)', '  interfaces: docker0\n').replace('default', 'ACCEPT'),
    ),
    ['--zone=public', '--zone=plant', '--permanent --zone=public', '--permanent --zone=plant'].map(
      (where) => `firewall-cmd ${where} ${RICH}`,
    ),
  ],
  ['iptables that lets in all', iptables('-P INPUT ACCEPT', '-P FORWARD DROP', '-A INPUT -j KUBE-FIREWALL'), []],
  [
    'iptables with a policy of drop',
    iptables('-P INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'),
    [`iptables -w -A INPUT -s 192.0.2.20/32 -p tcp -m tcp --dport 30722 -m comment --comment ${MARK} -j ACCEPT`],
  ],
  [
    'iptables with a last rule that refuses',
    iptables('-P INPUT ACCEPT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', '-A INPUT -i eth0 -j REJECT'),
    [`iptables -w -I INPUT 2 -s 192.0.2.20/32 -p tcp -m tcp --dport 30722 -m comment --comment ${MARK} -j ACCEPT`],
  ],
  [
    'iptables with a last rule that leads to one that refuses',
    iptables(
      '-P INPUT ACCEPT',
      '-N DENY',
      '-A INPUT -i lo -j ACCEPT',
      '-A INPUT -j DENY',
      '-A DENY -j LOG',
      '-A DENY -j DROP',
    ),
    [`iptables -w -I INPUT 2 -s 192.0.2.20/32 -p tcp -m tcp --dport 30722 -m comment --comment ${MARK} -j ACCEPT`],
  ],
  ['iptables below ufw', { ...ufw(`allow ${TUPLE}`), ...iptables('-P INPUT DROP') }, []],
])('%s', (_what, seen, commands) => {
  expect(added(seen)).toEqual(commands);
});

test('every opening of a hub in ufw, and in firewalld', () => {
  expect(added(ufw(), [LEAVES, CLIENTS, PODS])).toEqual([
    ALLOW,
    `ufw allow proto tcp from 0.0.0.0/0 to any port 30422 comment ${MARK}`,
    `ufw allow from 10.42.0.0/16 comment ${MARK}`,
    `ufw route allow from 10.42.0.0/16 comment ${MARK}`,
  ]);
  expect(added(firewalld(zone('public')), [CLIENTS, PODS]).slice(0, 2)).toEqual([
    `firewall-cmd --zone=public '--add-rich-rule=rule family="ipv4" port port="30422" protocol="tcp" accept'`,
    'firewall-cmd --zone=trusted --add-source=10.42.0.0/16',
  ]);
});

test.each<[what: string, seen: Sections, openings: Opening[], rules: string[]]>([
  [
    'a rule of ufw that denies the same',
    ufw(`deny ${TUPLE}`),
    [LEAVES],
    ['ufw deny proto tcp from 192.0.2.20 to any port 30722'],
  ],
  ['a rule of ufw that denies more', ufw('deny tcp 30722 0.0.0.0/0 any 0.0.0.0/0 in'), [LEAVES], []],
  [
    "a zone that has the pods' network",
    firewalld(zone('plant', '  sources: 10.42.0.0/16\n')),
    [PODS],
    ['source 10.42.0.0/16 of zone plant'],
  ],
])('%s is in the way: %j', (_what, seen, openings, rules) => {
  expect(rulesInTheWay(seen, openings)).toEqual(rules);
});

test('what is ours goes when it is no longer needed, and what is the same and not ours stays', () => {
  const seen = { ...ufw(`allow ${TUPLE}`, `allow ${TUPLE.replace('30722', '4143')}`), record: `ufw allow ${TUPLE}\n` };
  expect(changesTo(seen, [], MARK)).toMatchObject({ add: [], remove: [`ufw allow ${TUPLE}`], record: [] });
  expect(removalOf(seen).remove).toEqual([`ufw allow ${TUPLE}`]);
  expect(removalOf({ ...seen, record: '' }).remove).toEqual([]);
});

test('a step names what comes in, and has each rule below it', () => {
  const steps = stepsFor(changesTo({ ...ufw(), record: '' }, [PODS], MARK), 'leafspan made it');
  expect(steps).toEqual([
    {
      verb: 'create',
      object: 'ufw: pods of K3s',
      because: 'no rule lets it in',
      diff: [`ufw allow from 10.42.0.0/16 comment ${MARK}`, `ufw route allow from 10.42.0.0/16 comment ${MARK}`],
    },
  ]);
});

test('a hub of many leaves shows some of the rules, and every address', () => {
  const sources = Array.from({ length: 102 }, (_, index) => `198.51.100.${index}`);
  const [step] = stepsFor(changesTo(ufw(), [{ ...LEAVES, sources }], MARK), 'leafspan made it');
  expect(step?.diff).toHaveLength(101);
  expect(step?.diff?.at(-1)).toBe('and so for 198.51.100.100 198.51.100.101');
});

test('the look at a host', () => {
  expectGolden('scripts/firewall/look.sh', firewallFactsScript);
  expect(sectionsOf('@@ record\nufw a\n@@ ufw\n@@ ufw rules\n### tuple ### x\n')).toEqual({
    record: 'ufw a\n',
    ufw: '',
    'ufw rules': '### tuple ### x\n',
  });
});
