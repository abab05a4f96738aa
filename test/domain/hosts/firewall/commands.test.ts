import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { commandsFor, FIREWALLS } from '../../../../src/domain/hosts/firewall/commands.js';
import { openingsOf } from '../../../../src/domain/hosts/firewall/openings.js';
import { expectGolden } from '../../../support/golden.js';
import { meshMode, twoClusters, twoLeaves } from '../../../support/topologies.js';

const [hub] = openingsOf(twoClusters({ ...meshMode, leaves: twoLeaves() }));
const openings = hub?.openings ?? [];

test.each(FIREWALLS)('the commands for %s', (firewall) => {
  expectGolden(`scripts/firewall/${firewall}.sh`, commandsFor(firewall, openings, 'leafspan:plant-7').join('\n'));
});

test('nothing to open is no command', () => {
  expect(FIREWALLS.flatMap((firewall) => commandsFor(firewall, []))).toEqual([]);
});

/** The firewall that Debian's /etc/nftables.conf describes, with its default of accept turned into drop. */
const NFT_HOST = `
table inet filter {
  chain input { type filter hook input priority filter; policy drop; }
  chain forward { type filter hook forward priority filter; policy drop; }
}
`;

test('nft takes the commands in a network of its own, and every rule has the mark', () => {
  const commands = commandsFor('nft', openings, 'leafspan:plant-7').map((line) => line.replace(/^sudo /, ''));
  const script = ['set -e', `echo '${NFT_HOST}' | nft -f -`, ...commands, 'nft list ruleset'].join('\n');
  const rules = execFileSync('unshare', ['-n', 'bash', '-c', script], { encoding: 'utf8' });
  expect(rules.match(/ accept comment "leafspan:plant-7"/g)).toHaveLength(commands.length);
  expect(rules).toContain('ip saddr { 192.0.2.20, 192.0.2.30 } tcp dport 6443 accept');
});
