import { messageOf } from '../../../contract/caught.js';
import { ProvisionError } from '../../../contract/errors.js';
import type { Step } from '../../../contract/plan.js';
import { domainOf } from '../../../domain/accounts/permissions.js';
import type { ConsumerAt } from '../../../domain/accounts/streams.js';
import {
  conflicting,
  consumerObject,
  decideStreams,
  formerConsumers,
  leftOver,
  streamObject,
  type Keeping,
} from '../../../domain/nats/streams/streams.js';
import { part, touching } from '../../part.js';
import type { StreamStore } from '../../ports.js';
import type { Site } from '../../site.js';
import { awaited } from '../../waiting/wait.js';
import { linksOf } from '../checks/leaf-links.js';
import { seeKeepings, serverOf, wishesOf, type Wish } from './keepings.js';
import { withStreams } from './manager.js';
import { streamChecks } from './stream-checks.js';

const READY = { timeoutMs: 60_000, look: 'kubectl -n nats-system logs -l app.kubernetes.io/part-of=leafspan -c nats' };

const LINKED = { timeoutMs: 60_000, look: 'kubectl -n nats-system logs nats-leaf-0 -c nats' };

/** Streams of JetStream with their consumers. What they hold goes only when the user says so. */
const streamsPart = (server: 'broker' | 'leaf-node') =>
  part({
    name: 'streams',
    title: 'keep streams of the accounts',
    phase: 'messaging',
    needs: [server],
    ...(server === 'leaf-node' ? { needsHub: ['broker'], asksHub: true } : {}),
    livesIn: 'cluster',
    wanted: wishesOf,

    look: async (site, wishes, goal) => (goal === 'present' ? fit(await seeKeepings(site, wishes)) : []),

    decide: (keepings) => keepings.flatMap(decideStreams),

    // They go with their volume, which is the server's.
    undo: () => [],

    act: async (site, steps, keepings) => {
      for (const keeping of keepings) await actOn(site, steps, keeping);
    },

    checks: streamChecks,
  });

export const brokerStreams = streamsPart('broker');
export const leafStreams = streamsPart('leaf-node');

/** @throws ProvisionError STREAM_CONFLICT for a change that NATS does not make in place */
function fit<T extends Keeping>(keepings: T[]): T[] {
  const problems = keepings.flatMap((keeping) =>
    conflicting(keeping).map(({ name }) => streamObject(keeping.account, name)),
  );
  if (problems.length === 0) return keepings;
  throw new ProvisionError(
    'STREAM_CONFLICT',
    `${problems.join(', ')}: another stream has the name, and NATS cannot turn one into the other`,
    'give the stream another name in the topology',
  );
}

async function actOn(site: Site, steps: readonly Step[], keeping: Keeping & Wish): Promise<void> {
  const { account } = keeping;
  if (!steps.some(({ object }) => object.endsWith(`of account ${account}`))) return;
  const server = serverOf(site, keeping);
  // A copy asks once for what the leaf cluster keeps, and then not for 40 s.
  if (keeping.at === 'hub') await linked(site, account);
  await awaited(site, READY, async () => {
    try {
      await withStreams(server, account, (store) => carryOut(store, steps, keeping));
      return undefined;
    } catch (error) {
      site.work.signal.throwIfAborted();
      return `the NATS server of ${server.cluster} does not do it: ${messageOf(error)}`;
    }
  });
}

/** Waits until requests of the broker reach the JetStream of the leaf cluster. */
async function linked(site: Site, account: string): Promise<void> {
  const { name, role } = site.scope.cluster;
  const api = `$JS.${domainOf({ name, role })}.API`;
  await awaited(site, LINKED, async () => {
    const { leafs } = await linksOf(site.hub, account);
    const link = leafs.find((leaf) => leaf.name === `leaf-${name}`);
    if (link === undefined) return `the broker has no link of ${account} from ${name}`;
    const reaches = link.subscriptions_list?.some((subject) => subject.startsWith(api)) === true;
    return reaches ? undefined : `${name} does not listen to requests for streams of ${account} yet`;
  });
}

/** Safe to repeat: what is there is compared again. */
async function carryOut(store: StreamStore, steps: readonly Step[], keeping: Keeping & Wish): Promise<void> {
  const { account, wanted, consumers, topology } = keeping;
  const now = { ...keeping, seen: await store.streams(keeping.concerns) };
  const isDue = (object: string): boolean => touching(steps, object) !== undefined;
  const isConsumerDue = (consumer: ConsumerAt): boolean => isDue(consumerObject(consumer));
  for (const { name } of leftOver(now)) if (isDue(streamObject(account, name))) await store.remove(name);
  for (const spec of wanted.filter(({ name }) => isDue(streamObject(account, name))))
    await (now.seen.some(({ name }) => name === spec.name) ? store.update(spec) : store.create(spec));
  for (const { stream, name } of consumers.filter(isConsumerDue)) await store.createConsumer(stream, name, topology);
  for (const { stream, name } of formerConsumers(now).filter(isConsumerDue)) await store.removeConsumer(stream, name);
}
