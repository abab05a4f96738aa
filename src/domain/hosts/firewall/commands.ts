import { quote } from '../quote.js';
import { ANYWHERE, type Opening } from './openings.js';

export const FIREWALLS = ['ufw', 'firewalld', 'nft', 'iptables'] as const;
export type Firewall = (typeof FIREWALLS)[number];

/** Lines for a shell of the host that open the firewall. @param mark a comment on each rule, where the firewall has comments */
export const commandsFor = (firewall: Firewall, openings: readonly Opening[], mark?: string): string[] =>
  openings.length === 0 ? [] : COMMANDS[firewall](openings, mark);

type Commands = (openings: readonly Opening[], mark: string | undefined) => string[];

const forEachSource = (
  openings: readonly Opening[],
  one: (source: string, port: number | undefined) => string[],
): string[] => openings.flatMap(({ sources, port }) => sources.flatMap((source) => one(source, port)));

/** https://docs.k3s.io/installation/requirements?os=debian */
const ufw: Commands = (openings, mark) =>
  forEachSource(openings, (source, port) => {
    const comment = mark === undefined ? '' : ` comment ${mark}`;
    const from = source === ANYWHERE ? 'any' : source;
    return port === undefined
      ? [`sudo ufw allow from ${from}${comment}`, `sudo ufw route allow from ${from}${comment}`]
      : [`sudo ufw allow proto tcp from ${from} to any port ${port}${comment}`];
  });

/** https://docs.k3s.io/installation/requirements?os=rhel */
const firewalld: Commands = (openings) => [
  ...forEachSource(openings, (source, port) => {
    if (port === undefined) return [`sudo firewall-cmd --permanent --zone=trusted --add-source=${source}`];
    if (source === ANYWHERE) return [`sudo firewall-cmd --permanent --add-port=${port}/tcp`];
    const rule = `rule family="ipv4" source address="${source}" port port="${port}" protocol="tcp" accept`;
    return [`sudo firewall-cmd --permanent --add-rich-rule=${quote(rule)}`];
  }),
  'sudo firewall-cmd --reload',
];

/**
 * The table and the chains that Debian's /etc/nftables.conf has. What a K3s lets through in its own table is not final, so
 * what goes to a pod and what returns to one is named here too.
 */
const nft: Commands = (openings, mark) =>
  openings.flatMap((opening) =>
    nftRules(opening).map(([chain, rule]) => {
      const comment = mark === undefined ? '' : ` comment "${mark}"`;
      return `sudo nft ${quote(`insert rule inet filter ${chain}${rule} accept${comment}`)}`;
    }),
  );

export function nftRules({ sources, port, toPod }: Opening): [chain: string, rule: string][] {
  const set = `{ ${sources.join(', ')} }`;
  const from = sources.includes(ANYWHERE) ? '' : ` ip saddr ${set}`;
  if (port === undefined)
    return [
      ['input', from],
      ['forward', from],
      ['forward', ` ip daddr ${set} ct state established,related`],
    ];
  const forwarded: [string, string] = ['forward', `${from} meta l4proto tcp ct original proto-dst ${port}`];
  return [['input', `${from} tcp dport ${port}`], ...(toPod === true ? [forwarded] : [])];
}

const iptables: Commands = (openings, mark) =>
  forEachSource(openings, (source, port) => {
    const from = source === ANYWHERE ? '' : ` -s ${source}`;
    const to = port === undefined ? '' : ` -p tcp --dport ${port}`;
    const comment = mark === undefined ? '' : ` -m comment --comment ${mark}`;
    return (port === undefined ? ['INPUT', 'FORWARD'] : ['INPUT']).map(
      (chain) => `sudo iptables -I ${chain}${from}${to}${comment} -j ACCEPT`,
    );
  });

const COMMANDS: Readonly<Record<Firewall, Commands>> = { ufw, firewalld, nft, iptables };
