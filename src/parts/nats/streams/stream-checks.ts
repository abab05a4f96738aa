import { messageOf } from '../../../contract/caught.js';
import { isHub, type Scope } from '../../../contract/topology/scope.js';
import { OUTSIDE, usersServed, type UserAt } from '../../../domain/accounts/accounts.js';
import { userCertificate } from '../../../domain/accounts/names.js';
import { inboxPrefixOf } from '../../../domain/accounts/permissions.js';
import type { ConsumerAt } from '../../../domain/accounts/streams.js';
import { counted } from '../../../domain/checks/counted.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { decideStreams, leftOver, type Keeping, type StreamSeen } from '../../../domain/nats/streams/streams.js';
import { check, type Check, type CheckKey } from '../../check.js';
import { readMaterial } from '../../pki/material.js';
import type { Site } from '../../site.js';
import { brokerAccepts, leafAccepts, leafLinked } from '../checks/keys.js';
import { externalDoor, leafDoor, openClient, serviceDoor } from '../clients.js';
import { seeKeepings, wishesOf, type Wish } from './keepings.js';

/** A copy asks again 10 s after it last heard something, and waits for a response for up to 30 s. */
const CATCHES_UP_SECONDS = 130;
/** A source sends a heartbeat each second; NATS takes one that was silent for 10 s for gone. */
const SILENT_MS = 10_000;
const REQUEST_MS = 5_000;

/** That streams are there, can be read by their users, and are copied to the end. */
export function streamChecks(scope: Scope): Check[] {
  const wishes = wishesOf(scope);
  if (wishes.length === 0) return [];
  const { name } = scope.cluster;
  const needs = isHub(scope) ? [brokerAccepts(name)] : [leafAccepts(name)];
  return [
    kept(name, wishes, needs),
    ...(wishes.some(({ consumers }) => consumers.length > 0) ? [read(scope, wishes, needs)] : []),
    ...(wishes.some(({ at, wanted }) => at === 'hub' && wanted.length > 0)
      ? [copied(name, wishes, [...needs, brokerAccepts(scope.settings.broker.name)])]
      : []),
    forgotten(name, wishes, needs),
  ];
}

const kept = (cluster: string, wishes: readonly Wish[], needs: CheckKey[]): Check =>
  check<Keeping[]>({
    id: 'streams-kept',
    category: 'cross-cluster',
    subject: cluster,
    title: 'streams and consumers are as the topology says',
    severity: 'error',
    needs,
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (site) => seeKeepings(site, wishes),
    judge: (keepings) => {
      const steps = keepings.flatMap(decideStreams);
      const messages = keepings.flatMap(({ seen }) => seen).reduce((sum, stream) => sum + stream.messages, 0);
      const count = keepings.reduce((sum, { wanted }) => sum + wanted.length, 0);
      return steps.length === 0
        ? pass(`${counted(count, 'stream')}, ${counted(messages, 'message')}`)
        : fail('streams differ from the topology', steps.map(({ verb, object }) => `${verb} ${object}`).join('; '));
    },
  });

/** A stream of a leaf cluster, and the broker's copy of it. */
interface Copy {
  stream: string;
  source: StreamSeen | undefined;
  copy: StreamSeen | undefined;
}

const copied = (cluster: string, wishes: readonly Wish[], needs: CheckKey[]): Check =>
  check<Copy[]>({
    id: 'streams-copied',
    category: 'cross-cluster',
    subject: cluster,
    title: "the broker's copies of the streams are complete",
    severity: 'error',
    needs,
    // While the link is cut, too, it says how far a copy is behind.
    onlyWith: [leafLinked(cluster)],
    retry: { forSeconds: CATCHES_UP_SECONDS, everySeconds: 1, atLeastSeconds: CATCHES_UP_SECONDS },
    probe: async (site) => {
      // The source first: what it had then, the copy must have now.
      const sources = await seeKeepings(
        site,
        wishes.filter(({ at }) => at === 'here'),
      );
      const copies = await seeKeepings(
        site,
        wishes.filter(({ at }) => at === 'hub'),
      );
      return copies.flatMap(({ account, wanted, seen }) =>
        wanted.map(({ name, mirror }) => ({
          stream: `${name} of account ${account}`,
          copy: seen.find((stream) => stream.name === name),
          source: sources
            .filter((keeping) => keeping.account === account)
            .flatMap((keeping) => keeping.seen)
            .find((stream) => stream.name === mirror?.name),
        })),
      );
    },
    judge: (copies) => {
      const problems = copies.flatMap(problemOf);
      return problems.length === 0
        ? pass(`${counted(copies.length, 'copy', 'copies')}, lag 0`)
        : fail('copies are behind', problems.join('; '));
    },
  });

function problemOf({ stream, source, copy }: Copy): string[] {
  if (source === undefined || copy === undefined) return [`${stream} is not there`];
  const lag = source.lastSequence - copy.lastSequence;
  if (lag > 0) return [`${stream} lags ${lag} messages behind`];
  if (copy.heardMs === undefined) return [`${stream} has never heard of its source`];
  return copy.heardMs > SILENT_MS
    ? [`${stream} last heard of its source ${Math.round(copy.heardMs / 1_000)} s ago`]
    : [];
}

const read = (scope: Scope, wishes: readonly Wish[], needs: CheckKey[]): Check =>
  check<string[]>({
    id: 'streams-readable',
    category: 'cross-cluster',
    subject: scope.cluster.name,
    title: 'users get at the streams that they consume',
    severity: 'error',
    needs,
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: async (site) => {
      const readers = wishes.flatMap(({ at, consumers }) => readersOf(at === 'here' ? site : site.hub, consumers));
      return (await Promise.all(readers.map(problemOfReader))).flatMap((problem) => problem ?? []);
    },
    judge: (problems) =>
      problems.length === 0 ? pass() : fail(`${problems.length} users do not`, problems.slice(0, 10).join('; ')),
  });

interface Reader {
  site: Site;
  user: UserAt;
  streams: string[];
}

function readersOf(site: Site, consumers: readonly ConsumerAt[]): Reader[] {
  const { settings, cluster } = site.scope;
  const users = (settings.nats.accounts ?? []).flatMap((account) => usersServed(account, cluster));
  return users.flatMap((user) => {
    const own = consumers.filter(({ account, name }) => account === user.account && name === user.name);
    return own.length === 0 ? [] : [{ site, user, streams: own.map(({ stream }) => stream) }];
  });
}

/** Asks as the user for the user's consumers. */
async function problemOfReader({ site, user, streams }: Reader): Promise<string | undefined> {
  const who = `${user.name} of ${user.account} at ${user.site}`;
  const inner = isHub(site.scope) ? serviceDoor(site) : leafDoor(site);
  const door = user.site === OUTSIDE ? externalDoor(site) : inner;
  try {
    const { client, close } = await openClient(
      door,
      await readMaterial(site, userCertificate(user)),
      inboxPrefixOf(user),
    );
    try {
      for (const stream of streams) {
        const answer = await client.request(`$JS.API.CONSUMER.INFO.${stream}.${user.name}`, '', REQUEST_MS);
        if (answer.includes('"error"')) return `${who} does not get at ${stream}: ${answer}`;
      }
      return undefined;
    } finally {
      await close();
    }
  } catch (error) {
    return `${who}: ${messageOf(error)}`;
  }
}

const forgotten = (cluster: string, wishes: readonly Wish[], needs: CheckKey[]): Check =>
  check<Keeping[]>({
    id: 'streams-known',
    category: 'cross-cluster',
    subject: cluster,
    title: 'every stream with messages is one of the topology',
    severity: 'warning',
    needs,
    probe: (site) => seeKeepings(site, wishes),
    judge: (keepings) => {
      const streams = keepings.flatMap((keeping) =>
        leftOver(keeping).map(
          ({ name, messages }) => `${name} of account ${keeping.account} with ${counted(messages, 'message')}`,
        ),
      );
      return streams.length === 0
        ? pass()
        : fail(`${counted(streams.length, 'stream')} left over, kept for the messages`, streams.join('; '));
    },
  });
