import { ANYWHERE } from '../openings.js';
import { eachSource, idOf, linesOf, restOf, words, type Manager, type ManagedRule } from './rule.js';

/**
 * A rule as ufw keeps it: action, protocol, port, destination, its port, source, direction. ufw knows no two rules that differ in
 * nothing but the action or the comment: it would change the one that is there.
 */
const TUPLE = /^### tuple ### (\S+) (\S+ \S+ \S+ \S+ \S+ \S+)(?: comment=\S*)?$/;
const ANY_PORT = 'any any';

interface Tuple {
  action: string;
  match: string;
}

const tuplesIn = (text: string | undefined): Tuple[] =>
  linesOf(text).flatMap((line) => {
    const [, action, match] = TUPLE.exec(line) ?? [];
    return action === undefined || match === undefined ? [] : [{ action, match }];
  });

const tupleText = ({ action, match }: Tuple): string => `${action} ${match}`;

const isRoute = ({ action }: Tuple): boolean => action.startsWith('route:');
const refuses = ({ action }: Tuple): boolean => /^(route:)?(deny|reject)/.test(action);
const isSame = (one: Tuple, other: Tuple): boolean => one.match === other.match && isRoute(one) === isRoute(other);

const matchOf = (protocolAndPort: string, source: string): string => `${protocolAndPort} ${ANYWHERE} any ${source} in`;

const wantedTuples: (...of: Parameters<Manager['wanted']>) => (Tuple & Pick<ManagedRule, 'why' | 'source'>)[] = (
  _seen,
  openings,
) =>
  eachSource(openings, (source, { port, why }) =>
    port === undefined
      ? ['allow', 'route:allow'].map((action) => ({ action, match: matchOf(ANY_PORT, source), why, source }))
      : [{ action: 'allow', match: matchOf(`tcp ${port}`, source), why, source }],
  );

/** A rule of the owner that refuses everything stands before whatever is added behind it. */
const refusesAll = (tuple: Tuple): boolean => refuses(tuple) && tuple.match === matchOf(ANY_PORT, ANYWHERE);

export const ufw: Manager = {
  wanted: (seen, openings, mark) => {
    if (seen['ufw'] === undefined) return [];
    const there = tuplesIn(seen['ufw rules']);
    return wantedTuples(seen, openings, mark)
      .filter((tuple) => !there.some((other) => isSame(tuple, other) && other.action.includes('limit')))
      .map(({ why, source = '', ...tuple }): ManagedRule => {
        const first = there.some((other) => refusesAll(other) && isRoute(other) === isRoute(tuple));
        const text = words('ufw', ...(first ? ['prepend'] : []), ...ruleWords(tuple), 'comment', mark);
        // `ufw prepend route allow` is no command.
        return {
          id: idOf('ufw', tupleText(tuple)),
          text: text.replace('prepend route', 'route prepend'),
          why,
          source,
        };
      });
  },
  present: (seen) => tuplesIn(seen['ufw rules']).map((tuple) => idOf('ufw', tupleText(tuple))),
  inTheWay: (seen, openings) => {
    if (seen['ufw'] === undefined) return [];
    const refusing = tuplesIn(seen['ufw rules']).filter(refuses);
    const wanted = wantedTuples(seen, openings, '');
    return refusing.filter((tuple) => wanted.some((other) => isSame(tuple, other))).map(commandOf);
  },
  add: (rules) => rules.map(({ text }) => text).join('\n'),
  remove: (ids) =>
    ids
      .flatMap((id) => tuplesIn(`### tuple ### ${restOf(id)}`))
      .map((tuple) => words('ufw', ...deletion(ruleWords(tuple))))
      .join('\n'),
};

function ruleWords({ action, match }: Tuple): string[] {
  const [protocol = 'any', port = 'any', , , source = ANYWHERE] = match.split(' ');
  const route = action.startsWith('route:');
  return [
    ...(route ? ['route', action.slice('route:'.length)] : [action]),
    ...(protocol === 'any' ? [] : ['proto', protocol]),
    'from',
    source,
    ...(port === 'any' ? [] : ['to', 'any', 'port', port]),
  ];
}

const deletion = (rule: readonly string[]): string[] =>
  rule[0] === 'route' ? ['route', 'delete', ...rule.slice(1)] : ['delete', ...rule];

const commandOf = (tuple: Tuple): string => `ufw ${ruleWords(tuple).join(' ')}`;
