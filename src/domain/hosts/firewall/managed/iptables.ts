import { ANYWHERE } from '../openings.js';
import { eachSource, idOf, linesOf, restOf, words, type Manager } from './rule.js';

/** The last rule of a chain, or its policy, refuses whatever no other rule let in. Rules of K3s and Docker match something. */
const REFUSES_ALL = /^-A (INPUT|FORWARD)(?: -[io] \S+)? -j (DROP|REJECT)\b/;

/** Counted without ours, so that it is the same after a reboot. */
const refusingLine = (listing: string | undefined, chain: string, mark: string): number =>
  rulesOf(listing, chain)
    .filter((line) => !line.replaceAll('"', '').includes(`--comment ${mark} `))
    .findIndex((line) => REFUSES_ALL.test(line));

const rulesOf = (listing: string | undefined, chain: string): string[] =>
  linesOf(listing).filter((line) => line.startsWith(`-A ${chain} `));

/** Docker sets the policy of FORWARD, and K3s lets its own packets through before that. */
const isActive = (listing: string | undefined): boolean =>
  linesOf(listing).some((line) => line === '-P INPUT DROP' || REFUSES_ALL.test(line));

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
