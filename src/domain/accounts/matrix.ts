import type { Account } from '../../contract/topology/topology.js';
import { OUTSIDE, type UserAt } from './accounts.js';
import { mayHear, maySend, type Rules } from './permissions.js';
import { coveredBy, covers, exampleOf, forCluster, meet, overlaps } from './subjects.js';

/** The system whose rules are on trial. */
export interface Messaging {
  hub: string;
  accounts: readonly Account[];
}

/** What is tried, and what the topology says of it. */
export interface Cell {
  kind: 'publish' | 'subscribe' | 'deliver';
  /** Index of the user who does it; of a delivery, of the one who sends. */
  user: number;
  /** Index of the user who gets a delivery. */
  to?: number;
  subject: string;
  allowed: boolean;
}

/**
 * A subject of each rule, one of what each rule to publish shares with a rule to subscribe, and one of no rule.
 * @param token stands where a rule leaves room
 */
export function subjectsOnTrial(users: readonly UserAt[], token: string): string[] {
  const sent = [...new Set(users.flatMap(({ publish }) => publish))];
  const heard = [...new Set(users.flatMap(({ subscribe }) => subscribe))];
  const shared = sent.flatMap((one) => heard.filter((other) => overlaps(one, other)).map((other) => meet(one, other)));
  const rules = [...new Set([...sent, ...heard, ...shared])];
  return [...new Set(rules.map((rule) => exampleOf(rule, token))), `foreign-${token}`];
}

/** Replies to someone else. */
export const foreignInbox = (user: UserAt, token: string): string => `_INBOX.${user.site}.other-${token}.1`;

/** Requests that only leafspan itself may make, for streams that are not there. */
const apiOnTrial = (token: string): string[] => [
  `$JS.API.STREAM.DELETE.${token}`,
  `$JS.API.CONSUMER.CREATE.${token}`,
  `$JS.API.CONSUMER.MSG.NEXT.${token}.other-${token}`,
];

/** Every user with every subject, and every sender with every receiver. */
export function cellsOf(messaging: Messaging, users: readonly UserAt[], token: string): Cell[] {
  const subjects = subjectsOnTrial(users, token);
  return users.flatMap((user, index) => [
    { kind: 'subscribe' as const, user: index, subject: foreignInbox(user, token), allowed: false },
    ...apiOnTrial(token).map((subject): Cell => ({ kind: 'publish', user: index, subject, allowed: false })),
    ...subjects.flatMap((subject): Cell[] => [
      { kind: 'subscribe', user: index, subject, allowed: mayHear(user, subject) },
      { kind: 'publish', user: index, subject, allowed: maySend(user, subject) },
      ...users.flatMap((other, to): Cell[] =>
        to === index || !maySend(user, subject) || !mayHear(other, subject)
          ? []
          : [{ kind: 'deliver', user: index, to, subject, allowed: arrives(messaging, user, other, subject) }],
      ),
    ]),
  ]);
}

/** Whether a message that one may send and another may hear gets from one to the other. */
function arrives({ hub, accounts }: Messaging, from: UserAt, to: UserAt, subject: string): boolean {
  const [source, target] = [from, to].map(({ account }) => accounts.find(({ name }) => name === account));
  if (source === undefined || target === undefined) return false;
  const server = ({ site }: UserAt): string => (site === OUTSIDE ? hub : site);
  const crosses = (account: Account, { site }: UserAt): boolean =>
    site === hub ||
    site === OUTSIDE ||
    coveredBy(
      account.subjects.map((pattern) => forCluster(pattern, site)),
      subject,
    );
  const bothCross = crosses(source, from) && crosses(target, to);
  if (source !== target) return shares(source, target, subject) && bothCross;
  if (server(from) === server(to)) return true;
  // What a leaf cluster listens to is told to the broker and not to the other leaf clusters.
  return [from, to].some((user) => server(user) === hub) && bothCross;
}

const shares = (source: Account, target: Account, subject: string): boolean =>
  source.exports.some(
    ({ stream, to }) => stream !== undefined && covers(stream, subject) && to.includes(target.name),
  ) ||
  target.exports.some(
    ({ service, to }) => service !== undefined && covers(service, subject) && to.includes(source.name),
  );

/** A sentence on what went otherwise than the topology says. */
export function told({ kind, user, to, subject, allowed }: Cell, users: readonly UserAt[]): string {
  const name = (index: number): string => {
    const one = users[index];
    return one === undefined ? '?' : `${one.name} of ${one.account} at ${one.site}`;
  };
  const verb = { publish: 'publish', subscribe: 'subscribe to', deliver: 'send' }[kind];
  const recipient = to === undefined ? '' : ` to ${name(to)}`;
  return allowed
    ? `${name(user)} cannot ${verb} ${subject}${recipient}`
    : `${name(user)} can ${verb} ${subject}${recipient}, which no rule allows`;
}

/** In what a link differs from the topology; undefined: in nothing. @param welcome undefined: it was not let in */
export function linkProblem(
  { name }: Account,
  rules: Rules,
  welcome: (Rules & { account: string }) | undefined,
): string | undefined {
  if (welcome === undefined) return `the broker does not let the link of ${name} in`;
  if (welcome.account !== name) return `the link of ${name} leads to account ${welcome.account}`;
  const differing = (['publish', 'subscribe'] as const).filter(
    (side) => [...rules[side]].sort().join(' ') !== [...welcome[side]].sort().join(' '),
  );
  if (differing.length === 0) return undefined;
  return differing
    .map((side) => `the link of ${name} may ${side} ${welcome[side].join(', ') || 'everything'}`)
    .join(', ');
}
