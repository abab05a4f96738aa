import { quote } from '../../quote.js';
import { nftRules } from '../commands.js';
import { idOf, restOf, words, type Manager, type ManagedRule, type Sections } from './rule.js';
import { refusingIndex, rulesetIn, type Chain, type Ruleset } from './nft-ruleset.js';

/** Tables of others that have a way of their own in: firewalld, and of Kubernetes and Docker what they restore themselves. */
const OF_OTHERS = /^(firewalld|kube-proxy|flannel-.*|docker-bridges)$/;
/** Chains that the command iptables has in tables of its own; others may share the table's name. */
const OF_IPTABLES = /^ip (filter|nat|mangle|raw|security) (INPUT|FORWARD)$/;

/**
 * A packet has to pass every chain of a hook: an accept in one of them is not final, a drop is. So the rules go into each chain that
 * refuses, whatever its table is called. @param recorded ids of rules of ours: their tables are looked at in any case
 */
export function tablesToSee(seen: Sections, recorded: readonly string[]): string[] {
  const { chains } = rulesetIn(seen['nft chains'] ?? '');
  const based = chains.filter((chain) => isFiltering(seen, chain)).map(({ family, table }) => `${family} ${table}`);
  const ours = recorded.map((id) => restOf(id).split(' ').slice(0, 2).join(' '));
  return [...new Set([...based, ...ours])];
}

const isFiltering = (seen: Sections, { family, table, name, hook }: Chain): boolean =>
  (family === 'ip' || family === 'inet') &&
  (hook === 'input' || hook === 'forward') &&
  !OF_OTHERS.test(table) &&
  !(seen['iptables rules'] !== undefined && OF_IPTABLES.test(`${family} ${table} ${name}`));

/** One JSON document a table; a table that is gone is none. */
export const nftTablesScript = (tables: readonly string[]): string =>
  tables.map((table) => `nft -j list table ${words(...table.split(' '))} 2>/dev/null || true`).join('\n');

interface Place {
  chain: Chain;
  /** Before which rule; -1: behind all of them. */
  index: number;
}

const rulesetOf = (seen: Sections): Ruleset => rulesetIn(seen['nft tables'] ?? '');

/** Places are counted without rules of ours: that is what a reboot finds. */
function refusingChains(seen: Sections, mark: string): Place[] {
  const all = rulesetOf(seen);
  const theirs = { ...all, rules: all.rules.filter(({ comment }) => !comment.startsWith(`${mark} `)) };
  return all.chains
    .filter((chain) => isFiltering(seen, chain))
    .map((chain) => ({ chain, index: refusingIndex(theirs, chain) }))
    .filter(({ chain, index }) => index >= 0 || chain.policy === 'drop');
}

/** Each rule has a comment of its own, which says what is in it: a rule of another content is another rule. */
export const nft: Manager = {
  wanted: (seen, openings, mark) =>
    refusingChains(seen, mark).flatMap(({ chain, index }) =>
      openings.flatMap((opening) =>
        nftRules(opening)
          .filter(([hook]) => hook === chain.hook)
          .map(([, match]): ManagedRule => {
            const place = words(chain.family, chain.table, chain.name);
            const hash = hashOf(match);
            const how = index < 0 ? 'add rule' : 'insert rule';
            const rule = `${match.trim()} accept comment "${mark} ${hash}"`.trim();
            return {
              id: idOf('nft', `${place} ${mark} ${hash}`),
              text: `nft ${quote(`${how} ${place}${index < 0 ? '' : ` index ${index}`} ${rule}`)}`,
              why: opening.why,
            };
          }),
      ),
    ),
  present: (seen) =>
    rulesetOf(seen)
      .rules.filter(({ comment }) => comment !== '')
      .map(({ family, table, chain, comment }) => idOf('nft', `${words(family, table, chain)} ${comment}`)),
  remove: (ids) => [NFT_FUNCTIONS, ...ids.map((id) => words('nft_remove', ...placeAndComment(id)))].join('\n'),
};

/** FNV-1a in 32 bits, hex: it tells the rules of a topology from one another. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** `inet filter input leafspan:demo 1a2b3c4d` in its four parts. */
export function placeAndComment(id: string): string[] {
  const [family = '', table = '', chain = '', ...comment] = restOf(id).split(' ');
  return [family, table, chain, comment.join(' ')];
}

export const NFT_FUNCTIONS = `
nft_handles() { nft -a list chain "$1" "$2" "$3" 2>/dev/null | sed -nE 's/.* comment "'"$4"'" # handle ([0-9]+)$/\\1/p'; }
nft_remove() { nft_handles "$@" | while read -r handle; do nft delete rule "$1" "$2" "$3" handle "$handle"; done; }`.trim();
