import { messageOf } from '../../../contract/caught.js';
import type { Scope } from '../../../contract/topology/scope.js';
import type { Account } from '../../../contract/topology/topology.js';
import { accountsOfLeaf, OUTSIDE, usersServed, type UserAt } from '../../../domain/accounts/accounts.js';
import { linkProblem, told, type Cell, type Messaging } from '../../../domain/accounts/matrix.js';
import { linkCertificate, userCertificate } from '../../../domain/accounts/names.js';
import { inboxPrefixOf, linkRules } from '../../../domain/accounts/permissions.js';
import { counted } from '../../../domain/checks/counted.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { welcomeIn } from '../../../domain/nats/leaf-welcome.js';
import { isKept } from '../../../domain/accounts/streams.js';
import { check, type Check, type CheckKey } from '../../check.js';
import { readMaterial } from '../../pki/material.js';
import type { Site } from '../../site.js';
import { leafDoor, linkDoor, openClient, serviceDoor, through, type BrokerDoor, type Door } from '../clients.js';
import { clearProbes } from '../streams/probes.js';
import { brokerAccepts, leafAccepts, leafLinked } from './keys.js';
import { tryRules, type Seat, type Tried } from './trial.js';

/** Rules that a verdict names; the rest is a number. */
const MAX_NAMED = 10;
const LEAF_MS = 5_000;

interface Outcome extends Tried {
  users: UserAt[];
}

interface AccountCheck {
  id: string;
  title: string;
  needs: readonly CheckKey[];
  users: (messaging: Messaging) => UserAt[];
  isMine: (cell: Cell, users: readonly UserAt[]) => boolean;
  door: (site: Site, user: UserAt) => Door;
}

const accountCheck = (scope: Scope, { id, title, needs, users: find, isMine, door }: AccountCheck): Check[] => {
  const messaging = { hub: scope.settings.broker.name, accounts: scope.settings.nats.accounts ?? [] };
  const users = find(messaging);
  if (users.length === 0) return [];
  return [
    check<Outcome>({
      id,
      category: 'cross-cluster',
      subject: scope.cluster.name,
      title,
      severity: 'error',
      needs,
      retry: { forSeconds: 30, everySeconds: 1 },
      probe: (site) =>
        seated(
          users,
          (user) => door(site, user),
          async (seats) => {
            const tried = await tryRules({
              messaging,
              seats,
              isMine: (cell) => isMine(cell, users),
              sends: ({ account }, subject, token) =>
                accountNamed(messaging, account).probes &&
                (subject.includes(token) || !isKept(messaging.accounts, subject)),
              clock: site.clock,
              signal: site.work.signal,
            });
            await clearProbes(site, tried.sent);
            return { users, ...tried };
          },
        ),
      judge: ({ cells, wrong, users: tried }) =>
        wrong.length === 0
          ? pass(`${cells} ${cells === 1 ? 'rule holds' : 'rules hold'}`)
          : fail(
              `${wrong.length} of ${cells} rules do not hold`,
              wrong
                .slice(0, MAX_NAMED)
                .map((cell) => told(cell, tried))
                .join('; '),
            ),
    }),
  ];
};

const accountNamed = ({ accounts }: Messaging, name: string): Account => {
  const found = accounts.find((account) => account.name === name);
  if (found === undefined) throw new RangeError(`no account "${name}"`);
  return found;
};

/** Users of the broker and from outside, among each other. */
export const brokerAccountChecks = (scope: Scope, door: BrokerDoor): Check[] =>
  accountCheck(scope, {
    id: 'accounts-hold',
    title: 'users of the broker may do what the topology says, and nothing else',
    needs: [brokerAccepts(scope.cluster.name)],
    users: hubUsers,
    isMine: () => true,
    door: (site, user) => (user.site === OUTSIDE ? door(site) : serviceDoor(site)),
  });

/**
 * What the broker lets each link of a leaf cluster carry, as it tells a link that it lets in. The rules of users hold at the
 * NATS server of the leaf cluster, which is as safe as its host; these hold at the broker.
 */
export const linkRuleChecks = (scope: Scope): Check[] => {
  const { settings, cluster } = scope;
  const accounts = accountsOfLeaf(settings.nats.accounts ?? [], cluster.name);
  if (accounts.length === 0) return [];
  return [
    check<string[]>({
      id: 'account-links-hold',
      category: 'cross-cluster',
      subject: cluster.name,
      title: 'the links of the accounts carry what the topology says, and nothing else',
      severity: 'error',
      needs: [brokerAccepts(settings.broker.name)],
      retry: { forSeconds: 30, everySeconds: 1 },
      probe: async (site) =>
        (await Promise.all(accounts.map((account) => problemOfLink(site, account)))).flatMap(
          (problem) => problem ?? [],
        ),
      judge: (problems) =>
        problems.length === 0
          ? pass(counted(accounts.length, 'account'))
          : fail(`${problems.length} of ${accounts.length} links do not`, problems.join('; ')),
    }),
  ];
};

async function problemOfLink(site: Site, account: Account): Promise<string | undefined> {
  const identity = await readMaterial(site, linkCertificate(account.name, site.cluster));
  const heard = await through(linkDoor(site.hub), (target) => site.ports.nats.leafLink(target, identity, LEAF_MS));
  return linkProblem(account, linkRules(account, site.hub.cluster, site.cluster), welcomeIn(heard));
}

/** Users of a leaf cluster, among each other and with those of the broker. */
export const leafAccountChecks = (scope: Scope, door: BrokerDoor): Check[] => {
  const { name } = scope.cluster;
  const isHere = ({ site }: UserAt): boolean => site === name;
  return accountCheck(scope, {
    id: 'accounts-cross',
    title: 'users of the leaf cluster may do what the topology says, and nothing else',
    needs: [leafLinked(name), leafAccepts(name)],
    users: (messaging) => {
      const own = messaging.accounts.flatMap((account) => usersServed(account, scope.cluster));
      return own.length === 0 ? [] : [...own, ...hubUsers(messaging)];
    },
    isMine: ({ user, to = user }, users) => [user, to].some((index) => users.slice(index, index + 1).some(isHere)),
    door: (site, user) =>
      isHere(user) ? leafDoor(site) : user.site === OUTSIDE ? door(site.hub) : serviceDoor(site.hub),
  });
};

const hubUsers = ({ accounts, hub }: Messaging): UserAt[] =>
  accounts.flatMap((account) => usersServed(account, { name: hub, role: 'broker' }));

/** Connects every user with its own certificate for as long as the connections are used. */
async function seated<T>(
  users: readonly UserAt[],
  doorOf: (user: UserAt) => Door,
  use: (seats: Seat[]) => Promise<T>,
): Promise<T> {
  const opened = await Promise.allSettled(users.map((user) => openSeat(doorOf(user), user)));
  const seats = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    for (const each of opened) if (each.status === 'rejected') throw each.reason;
    return await use(seats);
  } finally {
    await Promise.all(seats.map(({ close }) => close()));
  }
}

async function openSeat(door: Door, user: UserAt): Promise<Seat & { close: () => Promise<void> }> {
  const identity = await readMaterial(door.site, userCertificate(user));
  try {
    return { user, ...(await openClient(door, identity, inboxPrefixOf(user))) };
  } catch (error) {
    throw new Error(`${user.name} of ${user.account} at ${user.site} does not get in: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
