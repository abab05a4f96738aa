import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FirewallHost } from './support/firewall-host.js';
import { TestLab } from './support/test-lab.js';

/** Real firewalls of Debian, each with rules of its owner and closed to all others. The tests of a firewall build on each other. */
const lab = new TestLab('labfirewall');
const host = new FirewallHost(lab);
const { on, ensure, remove } = host;

/** Of the leaf nodes, and one that the topology does not need. */
const [NEEDED, OTHER] = [30_722, 8099];
const reached = (...ports: number[]): Promise<string[]> =>
  Promise.all(ports.map((port) => lab.reaches('vm-b', 'vm-a', port)));

beforeAll(async () => {
  await lab.up();
  const listen = [NEEDED, OTHER].map((port) => `systemd-run -q socat TCP-LISTEN:${port},fork,reuseaddr EXEC:cat`);
  await on(`mkdir -p /var/lib/leafspan; ${listen.join('; ')}; sleep 0.3`);
}, 20 * 60_000);
afterAll(lab.remove);

const NFT_FILE = `#!/usr/sbin/nft -f
flush ruleset
table inet site {
  set banned { type ipv4_addr; elements = { 203.0.113.66 } }
  chain hosts {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
    iif lo accept
    ip saddr @banned drop
    tcp dport 22 accept
    counter reject
  }
  chain through { type filter hook forward priority 0; policy drop; }
}
table inet other {
  chain watch { type filter hook input priority 10; policy accept; }
}`;

interface Case {
  name: string;
  /** Brings the firewall up as its owner has it. */
  owner: string;
  listing: string;
  /** Loads the owner's rules again. */
  again: string;
  end: string;
}

const CASES: Case[] = [
  {
    name: 'ufw without IPv6, with a rule that is the same as one of ours and a last one that refuses all',
    owner:
      'sed -i s/^IPV6=yes/IPV6=no/ /etc/default/ufw; ufw allow 22/tcp; ufw allow from 10.42.0.0/16; ufw deny from any; ufw --force enable',
    listing: 'ufw status verbose; ufw show added; grep tuple /etc/ufw/user.rules; iptables -S; ip6tables -S',
    again: 'ufw reload',
    end: 'ufw --force reset; rm -f /etc/ufw/*.rules.*',
  },
  {
    name: 'firewalld with a default zone that drops, and a permanent source that is the same as one of ours',
    owner:
      'systemctl start firewalld; firewall-cmd --permanent --zone=trusted --add-source=10.43.0.0/16; firewall-cmd --permanent --zone=drop --add-service=ssh; firewall-cmd --reload; firewall-cmd --set-default-zone=drop',
    listing: 'firewall-cmd --list-all-zones; firewall-cmd --permanent --list-all-zones',
    again: 'firewall-cmd --reload',
    end: 'firewall-cmd --set-default-zone=public; systemctl stop firewalld; rm -f /etc/firewalld/zones/*',
  },
  {
    name: 'nftables with a last rule that refuses',
    owner: `echo "${NFT_FILE}" > /etc/nftables.conf; systemctl restart nftables`,
    listing: 'nft -s list ruleset; ls /etc/systemd/system /etc/systemd/system/*.wants',
    // What follows nftables has jobs of its own.
    again:
      'for verb in restart reload; do systemctl $verb nftables; until [ -z "$(systemctl list-jobs --no-legend)" ]; do sleep 0.1; done; done',
    end: 'systemctl stop nftables; nft flush ruleset',
  },
  {
    name: 'iptables',
    owner:
      'iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables -A INPUT -i eth0 -j REJECT',
    listing: 'iptables-save | grep -v "^[#:]"; ls /etc/systemd/system /etc/systemd/system/*.wants',
    again: 'iptables -D INPUT 3; systemctl restart leafspan-firewall',
    end: 'iptables -F',
  },
];

describe.each(CASES)('$name', ({ owner, listing, again, end }) => {
  let before: string;
  beforeAll(async () => {
    await on(owner);
    before = await on(listing);
  });
  afterAll(() => on(end));

  test('is opened for what the topology needs, and stays open when its owner loads the rules again', async () => {
    expect(await ensure()).not.toEqual([]);
    expect(await reached(NEEDED, 22)).toEqual(['yes', 'yes']);
    await on(again);
    expect(await ensure()).toEqual([]);
    expect(await reached(NEEDED, OTHER, 22)).toEqual(['yes', 'no', 'yes']);
  });

  test('is closed to a leaf that has left', async () => {
    expect(await on(listing)).toContain(host.addressOf('vm-b'));
    await ensure('203.0.113.9');
    expect(await on(listing)).not.toContain(host.addressOf('vm-b'));
  });

  test('is in the end as it was', async () => {
    expect(await remove()).not.toEqual([]);
    expect(await on(listing)).toBe(before);
    expect(await remove()).toEqual([]);
  });
});
