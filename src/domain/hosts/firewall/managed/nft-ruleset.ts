/** What `nft -j` prints, as far as it matters here. */
export interface Chain {
  family: string;
  table: string;
  name: string;
  hook: string;
  policy: string;
}

export interface Rule {
  family: string;
  table: string;
  chain: string;
  comment: string;
  expr: Record<string, unknown>[];
}

export interface Ruleset {
  chains: Chain[];
  rules: Rule[];
}

/** @param printed documents of `nft -j`, one a line */
export function rulesetIn(printed: string): Ruleset {
  const lines = printed.split('\n').filter((line) => line.startsWith('{'));
  const documents = lines.map((line): unknown => JSON.parse(line));
  const entries = documents.flatMap((document) => (isObject(document) ? listIn(document['nftables']) : []));
  return {
    chains: entries.flatMap(({ chain }) => (isObject(chain) ? [chainIn(chain)] : [])),
    rules: entries.flatMap(({ rule }) => (isObject(rule) ? [ruleIn(rule)] : [])),
  };
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const listIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

const chainIn = ({ family, table, name, hook, policy }: Record<string, unknown>): Chain => ({
  family: textIn(family),
  table: textIn(table),
  name: textIn(name),
  hook: textIn(hook),
  policy: textIn(policy),
});

const ruleIn = ({ family, table, chain, comment, expr }: Record<string, unknown>): Rule => ({
  family: textIn(family),
  table: textIn(table),
  chain: textIn(chain),
  comment: textIn(comment),
  expr: listIn(expr),
});

export const rulesOf = ({ rules }: Ruleset, { family, table, name }: Chain): Rule[] =>
  rules.filter((rule) => rule.family === family && rule.table === table && rule.chain === name);

/** Place in the chain of the first rule that refuses, here or in a chain that it jumps to, whatever no rule before let in; -1: none. */
export const refusingIndex = (ruleset: Ruleset, chain: Chain): number => indexIn(ruleset, chain, []);

const indexIn = (ruleset: Ruleset, chain: Chain, above: readonly string[]): number =>
  rulesOf(ruleset, chain).findIndex(({ expr }) => {
    if (!expr.every(isBroad)) return false;
    if (expr.some((part) => 'drop' in part || 'reject' in part)) return true;
    const inner = ruleset.chains.filter(
      ({ family, table, name }) =>
        family === chain.family && table === chain.table && !above.includes(name) && targetsIn(expr).includes(name),
    );
    return inner.some((next) => indexIn(ruleset, next, [...above, chain.name]) >= 0);
  });

/** Says nothing of who sends, or what. Rules that refuse certain senders or states are the owner's own, and stay before ours. */
function isBroad(part: Record<string, unknown>): boolean {
  const { match, vmap } = part;
  // What only iptables can read.
  if ('xt' in part) return false;
  if (isObject(match)) {
    const { op, left, right } = match;
    return (
      isPlace(left) || (op === '!=' && !isMark(left)) || (isState(left) && JSON.stringify(right).includes('"new"'))
    );
  }
  return isObject(vmap) ? isPlace(vmap['key']) : true;
}

const isState = (left: unknown): boolean => isObject(left) && isObject(left['ct']) && left['ct']['key'] === 'state';
const isMark = (left: unknown): boolean => isObject(left) && isObject(left['meta']) && left['meta']['key'] === 'mark';

const PLACES = ['iif', 'iifname', 'iiftype', 'iifgroup', 'oif', 'oifname', 'nfproto', 'protocol', 'l4proto'];

const isPlace = (left: unknown): boolean =>
  isObject(left) && ('fib' in left || (isObject(left['meta']) && PLACES.includes(String(left['meta']['key']))));

/** Chains that are jumped to, also by a map of verdicts. */
function targetsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(targetsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'jump' || key === 'goto') && isObject(inner) ? [String(inner['target'])] : targetsIn(inner),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
