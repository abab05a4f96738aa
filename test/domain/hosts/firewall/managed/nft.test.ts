import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { restoreFiles } from '../../../../../src/domain/hosts/firewall/managed/after-reboot.js';
import { changeScript, changesTo } from '../../../../../src/domain/hosts/firewall/managed/changes.js';
import { nftTablesScript, tablesToSee } from '../../../../../src/domain/hosts/firewall/managed/nft.js';
import type { Sections } from '../../../../../src/domain/hosts/firewall/managed/rule.js';
import type { Opening } from '../../../../../src/domain/hosts/firewall/openings.js';
import { expectGolden } from '../../../../support/golden.js';

const MARK = 'leafspan:plant-7';
const LEAVES: Opening = {
  sources: ['192.0.2.20'],
  port: 30_722,
  toPod: true,
  why: 'NATS leaf nodes',
  crossesNetworks: true,
};

/** What the look prints on a host with these rules; they are loaded in a network of their own. */
function lookAt(ruleset: string): Sections {
  const inNetwork = (script: string): string =>
    execFileSync('unshare', ['-n', 'bash', '-ec', `nft -f - <<'RULES'\n${ruleset}\nRULES\n${script}`], {
      encoding: 'utf8',
    });
  const seen = { 'nft chains': inNetwork('nft -j list chains'), 'iptables rules': '' };
  return { ...seen, 'nft tables': inNetwork(nftTablesScript(tablesToSee(seen, []))) };
}

const input = (rules: string, policy = 'accept', name = 'hosts'): string =>
  `table inet ${name} {\n chain in {\n type filter hook input priority 0; policy ${policy};\n ${rules}\n }\n chain last { drop\n }\n chain some { tcp dport 23 drop\n }\n}`;

const RULE = 'ip saddr { 192.0.2.20 } tcp dport 30722 accept';

test.each<[what: string, ruleset: string, place: string[]]>([
  ['a chain that lets in all', input(''), []],
  ['a policy of drop in a table of any name', input('', 'drop', 'plant'), ['add rule inet plant in']],
  [
    'a policy of drop in a table for IPv4',
    'table ip plant {\n chain in { type filter hook input priority 0; policy drop; }\n}',
    ['add rule ip plant in'],
  ],
  ['a last rule that drops', input('tcp dport 22 accept\n drop'), ['insert rule inet hosts in index 1']],
  [
    'a rule that refuses all of an interface',
    input('iifname eth0 counter reject'),
    ['insert rule inet hosts in index 0'],
  ],
  ['all but one interface', input('iifname != lo drop'), ['insert rule inet hosts in index 0']],
  ['a jump to a chain that drops', input('tcp dport 22 accept\n jump last'), ['insert rule inet hosts in index 1']],
  ['a map to a chain that drops', input('iifname vmap { eth0 : jump last }'), ['insert rule inet hosts in index 0']],
  [
    'a chain that bans certain senders',
    input('ip saddr { 203.0.113.66 } drop\n ct state invalid drop\n jump some'),
    [],
  ],
  ['firewalld, which has a way of its own', input('', 'drop', 'firewalld'), []],
  [
    'what the command iptables writes',
    'table ip filter {\n chain INPUT { type filter hook input priority 0; policy drop; }\n}',
    [],
  ],
  [
    'a table of that name with chains of another name',
    'table ip filter {\n chain input { type filter hook input priority 0; policy drop; }\n}',
    ['add rule ip filter input'],
  ],
  ['marks of others', input('meta mark != 1 drop'), []],
  ['a rule that drops what is new', input('ct state new drop'), ['insert rule inet hosts in index 0']],
  ['a rule that drops all but answers', input('ct state != established drop'), ['insert rule inet hosts in index 0']],
  [
    'two chains that drop, of which each has the last word',
    `${input('', 'drop', 'one')}\n${input('', 'drop', 'two')}`,
    ['add rule inet one in', 'add rule inet two in'],
  ],
])('%s', (_what, ruleset, places) => {
  const commands = changesTo(lookAt(ruleset), [LEAVES], MARK).add.map(({ text }) => text);
  expect(commands).toEqual(places.map((place) => expect.stringContaining(`nft '${place} ${RULE}`) as unknown));
});

test('in a chain that forwards, the port is the one before it led to a pod', () => {
  const seen = lookAt('table inet f {\n chain through { type filter hook forward priority 0; policy drop; }\n}');
  expect(changesTo(seen, [LEAVES], MARK).add).toMatchObject([
    { text: expect.stringContaining('meta l4proto tcp ct original proto-dst 30722 accept') as unknown },
  ]);
});

test('rules that are gone while what brings them back is there come back by it', () => {
  const seen = { ...lookAt(input('', 'drop')), record: '' };
  const files = restoreFiles(changesTo(seen, [LEAVES], MARK).add);
  const script = changeScript(changesTo({ ...seen, restore: [files?.unit, files?.script].join('') }, [LEAVES], MARK));
  expect(script).toContain('\nsystemctl restart leafspan-firewall.service\n');
  expect(script).not.toContain('systemctl enable');
});

test('the script that opens it, with what brings the rules back', () => {
  const changes = changesTo({ ...lookAt(input('', 'drop')), record: '' }, [LEAVES], MARK);
  expectGolden('scripts/firewall/open-nft.sh', changeScript(changes));
});
