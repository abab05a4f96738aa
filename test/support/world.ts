import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities } from '../../src/activities/activities.js';
import { toFailure } from '../../src/activities/activity.js';
import type { CheckResult } from '../../src/contract/checks.js';
import { ProvisionError, type ErrorCode } from '../../src/contract/errors.js';
import type { Host } from '../../src/contract/topology.js';
import { factsOf } from './host-facts.js';

type Name = keyof Activities;
export type Script = Partial<Activities>;

/** What a workflow asked for: the activity, and the host or cluster that it named. */
export interface Call {
  name: Name;
  /** `inspectHost vm-a` */
  text: string;
  input: unknown;
}

/** Activities in memory. */
export interface World {
  activities: Activities;
  calls: Call[];
  texts(): string[];
  inputsOf(name: Name): unknown[];
}

const change = (text: string): Promise<{ changed: string[] }> => Promise.resolve({ changed: [text] });
const nothing = (): Promise<{ changed: never[] }> => Promise.resolve({ changed: [] });

export const PLAN_DIGEST = '81aa'.repeat(16);

export const checkThat = (state: 'pass' | 'fail', severity: CheckResult['severity'] = 'error'): CheckResult => ({
  id: 'leaf-linked',
  category: 'nats-leaf',
  subject: 'cluster-b',
  title: 'the leaf node holds its link to the broker',
  severity,
  verdict: state === 'pass' ? { state } : { state, because: 'no link' },
  hint: 'leaf-linked',
  elapsedMs: 1,
});

/** Everything succeeds at once, and every step has one change to tell of. */
export const healthy: Activities = {
  verifyArtifacts: () => Promise.resolve(),
  inspectHost: ({ host }) => Promise.resolve(factsOf(host)),
  planRun: ({ facts }) =>
    Promise.resolve({
      plan: {
        hosts: facts.map(({ host, cluster }) => ({ host, cluster, state: 'none', actions: ['install K3s'] })),
        digest: PLAN_DIGEST,
      },
    }),
  ensurePki: () => change('issued nats/ca'),
  claimHost: ({ host }) => change(`claimed ${host.name}`),
  ensureK3sFiles: ({ host }) => change(`shipped k3s to ${host.name}`),
  ensureImages: nothing,
  ensureTools: nothing,
  ensureK3s: ({ host }) => change(`started K3s on ${host.name}`),
  awaitK3s: nothing,
  awaitImages: nothing,
  ensureKubeconfigs: nothing,
  ensureNatsSecrets: ({ server }) => change(`applied Namespace/nats-system on ${server.cluster}`),
  ensureGatewayApi: nothing,
  ensureLinkerdCrds: nothing,
  ensureLinkerd: ({ host }) => change(`applied Deployment/linkerd-identity on ${host.cluster}`),
  awaitLinkerd: nothing,
  ensureGateway: ({ server }) => change(`applied Deployment/linkerd-gateway on ${server.cluster}`),
  ensureMirrorController: nothing,
  ensureMeshPolicy: nothing,
  ensureLink: ({ server }) => change(`applied Link/cluster-a on ${server.cluster}`),
  awaitMirror: nothing,
  redialLeafNode: nothing,
  ensureBroker: ({ server }) => change(`applied StatefulSet/nats-broker on ${server.cluster}`),
  reloadBroker: nothing,
  cutOffLeaves: nothing,
  ensureExternalPorts: nothing,
  ensurePublisher: ({ server }) => change(`applied Deployment/publisher on ${server.cluster}`),
  ensureLeafNode: ({ server }) => change(`applied StatefulSet/nats-leaf on ${server.cluster}`),
  ensureSubscriber: ({ server }) => change(`applied Deployment/subscriber on ${server.cluster}`),
  runChecks: () => Promise.resolve({ results: [checkThat('pass')] }),
  checkOwner: nothing,
  removeLeafNode: ({ host }) => change(`removed StatefulSet/nats-leaf on ${host.cluster}`),
  awaitLeavesGone: nothing,
  emptyAdoptedCluster: nothing,
  removeBroker: ({ host }) => change(`removed StatefulSet/nats-broker on ${host.cluster}`),
  removeHost: ({ host }) => change(`removed K3s from ${host.name}`),
  purgeKeys: ({ topology }) => change(`deleted the keys of topology ${topology}`),
};

/** The healthy world but for what the script says otherwise. */
export const worldWith = (script: Script = {}): World => record({ ...healthy, ...script });

/** The named activities of the healthy world; any other call fails the run. */
export const worldOf = (...names: Name[]): World =>
  record(
    Object.fromEntries(
      Object.entries(healthy).map(([name, activity]) => [
        name,
        names.includes(name as Name) ? activity : unscripted(name),
      ]),
    ) as unknown as Activities,
  );

const unscripted = (name: string) => (): Promise<never> =>
  Promise.reject(ApplicationFailure.nonRetryable(`unscripted call of ${name}`, 'UNSCRIPTED'));

function record(script: Activities): World {
  const calls: Call[] = [];
  const recorded = Object.entries(script).map(([name, activity]) => [
    name,
    (input: never) => {
      calls.push({ name: name as Name, text: [name, placeOf(input)].filter(Boolean).join(' '), input });
      return (activity as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return {
    activities: Object.fromEntries(recorded) as Activities,
    calls,
    texts: () => calls.map(({ text }) => text),
    inputsOf: (name) => calls.filter((call) => call.name === name).map(({ input }) => input),
  };
}

function placeOf(input: unknown): string {
  const { host, server } = (input ?? {}) as { host?: Host; server?: Host };
  return (host ?? server)?.name ?? '';
}

/** A failure as an activity of ours throws it; retried at once when it is one that passes. */
export function failureAt(host: Host | { name: string }, code: ErrorCode, message: string, remedy?: string): Error {
  const failure = toFailure(new ProvisionError(code, message, remedy, { host: host.name }));
  return ApplicationFailure.create({
    message: failure.message,
    ...(failure.type ? { type: failure.type } : {}),
    nonRetryable: failure.nonRetryable ?? false,
    details: failure.details ?? [],
    nextRetryDelay: '1ms',
  });
}

/** The script that fails on one host and goes on as usual on the others. */
export const failingOn =
  <In extends { host?: Host; server?: Host }, Out>(
    name: string,
    failure: (host: Host) => Error,
    otherwise: (input: In) => Promise<Out>,
  ) =>
  (input: In): Promise<Out> => {
    const host = input.host ?? input.server;
    return host?.name === name ? Promise.reject(failure(host)) : otherwise(input);
  };

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

function deferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}

/** A place where an activity stops until the test lets it go on, or until it is cancelled. */
export class Hold {
  readonly #entered = deferred();
  readonly #released = deferred();
  /** Attempts that came in. */
  attempts = 0;
  /** Set when a cancelled attempt has cleaned up. */
  ended = false;

  /** Resolves when an activity has come in. */
  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  /** For use in an activity. Cleaning up takes a moment, as on a host. */
  async wait(): Promise<void> {
    const context = Context.current();
    this.attempts += 1;
    this.#entered.resolve();
    const beat = setInterval(() => context.heartbeat('held'), 20);
    try {
      await Promise.race([this.#released.promise, context.cancelled]);
    } catch (error) {
      await sleep(50);
      this.ended = true;
      throw error;
    } finally {
      clearInterval(beat);
    }
  }
}
