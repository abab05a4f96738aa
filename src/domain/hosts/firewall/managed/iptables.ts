import { ANYWHERE } from '../openings.js';
import { eachSource, idOf, linesOf, restOf, words, type Manager } from './rule.js';

/** A rule that says nothing of who sends, or what, and where it leads. */
const BROAD = /^-A \S+(?:(?: !)? -[io] \S+)* -[jg] (\S+)/;

const rulesOf = (listing: string | undefined, chain: string): string[] =>
  linesOf(listing).filter((line) => line.startsWith(`-A ${chain} `));

/** It refuses, here or in a chain that it jumps to, whatever no rule before let in. */
function refuses(listing: string | undefined, line: string, above: readonly string[] = []): boolean {
  const target = BROAD.exec(line)?.[1];
  if (target === undefined || above.includes(target)) return false;
  if (target === 'DROP' || target === 'REJECT') return true;
  return rulesOf(listing, target).some((next) => refuses(listing, next, [...above, target]));
}

/** Counted without ours, so that it is the same after a reboot. */
const refusingLine = (listing: string | undefined, chain: string, mark: string): number =>
  rulesOf(listing, chain)
    .filter((line) => !line.replaceAll('"', '').includes(`--comment ${mark} `))
    .findIndex((line) => refuses(listing, line));

/** Docker sets the policy of FORWARD, and K3s lets its own packets through before that. */
const isActive = (listing: string | undefined): boolean =>
  linesOf(listing).includes('-P INPUT DROP') ||
  ['INPUT', 'FORWARD'].some((chain) => rulesOf(listing, chain).some((line) => refuses(listing, line)));

/** Rules as `iptables -S` prints them, without the quotes that only some versions print. */
export const iptables: Manager = {
  wanted: ({ 'iptables rules': listing, ...seen }, openings, mark) => {
    if (seen['ufw'] !== undefined || seen['firewalld'] !== undefined || !isActive(listing)) return [];
    return eachSource(openings, (source, { port, why }) => {
      const from = source === ANYWHERE ? '' : ` -s ${source.includes('/') ? source : `${source}/32`}`;
      const to = port === undefined ? '' : ` -p tcp -m tcp --dport ${port}`;
      return (port === undefined ? ['INPUT', 'FORWARD'] : ['INPUT']).map((chain) => {
        const rest = `${chain}${from}${to} -m comment --comment ${mark} -j ACCEPT`;
        const at = refusingLine(listing, chain, mark);
        const place = at < 0 ? `-A ${chain}` : `-I ${chain} ${at + 1}`;
        return { id: idOf('iptables', rest), text: `iptables -w ${place}${rest.slice(chain.length)}`, why, source };
      });
    });
  },
  present: (seen) =>
    linesOf(seen['iptables rules'])
      .filter((line) => line.startsWith('-A '))
      .map((line) => idOf('iptables', line.slice('-A '.length).replaceAll('"', ''))),
  remove: (ids) => ids.map((id) => words('iptables', '-w', '-D', ...restOf(id).split(' '))).join('\n'),
};
