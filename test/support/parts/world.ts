import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import type { Activities } from '../../../src/activities/activities.js';
import { toFailure } from '../../../src/activities/activity.js';
import type { CheckResult } from '../../../src/contract/checks.js';
import { ProvisionError, type ErrorCode } from '../../../src/contract/errors.js';
import { hostOf, type Scope } from '../../../src/contract/topology/scope.js';
import { PARTS, placeOf, planOf, removalOf, stepsDue } from './synthetic-parts.js';

type Name = keyof Activities;
type Scripted<Activity extends (input: never) => Promise<unknown>> = (
  input: Parameters<Activity>[0],
  otherwise: () => ReturnType<Activity>,
) => ReturnType<Activity>;

/** What activities do instead of what they do in a healthy world; `otherwise` does that. */
export type Script = { [N in Name]?: Scripted<Activities[N]> };

/** What a workflow asked for: the activity, and the host that it named. */
export interface Call {
  name: string;
  /** `ensure broker vm-a` */
  text: string;
  input: unknown;
}

export const checkThat = (
  state: 'pass' | 'fail',
  severity: CheckResult['severity'] = 'error',
  subject = 'cluster-b',
): CheckResult => ({
  id: 'leaf-linked',
  category: 'nats-leaf',
  subject,
  title: 'the leaf node is linked to the broker',
  severity,
  verdict: state === 'pass' ? { state } : { state, because: 'there is no link' },
  docs: 'leaf-linked',
  elapsedMs: 1,
});

/** Activities in memory. What was ensured is in place from then on, so the next plan is empty. */
export class World {
  readonly activities: Activities;
  readonly calls: Call[] = [];
  readonly #inPlace: Set<string>;
  readonly #running = new Map<string, number>();
  readonly #peaks = new Map<string, number>();

  constructor(script: Script, inPlace: Iterable<string>) {
    this.#inPlace = new Set(inPlace);
    const healthy = Object.entries(healthyActivities(this.#inPlace));
    this.activities = Object.fromEntries(
      healthy.map(([name, activity]) => [name, this.#recorded(name, activity as Activity, script)]),
    ) as unknown as Activities;
  }

  /** Somebody changes what is in place, or is not. */
  change(place: string): void {
    if (!this.#inPlace.delete(place)) this.#inPlace.add(place);
  }

  /** Without the slow checks ahead of a plan: whether they begin before a run ends is a matter of chance. */
  texts(): string[] {
    return this.calls.filter(({ name }) => name !== 'check cluster ahead').map(({ text }) => text);
  }

  /** Calls that act: neither looks nor checks. */
  acts(): string[] {
    return this.texts().filter((text) => /^(ensure|remove|purge) /.test(text));
  }

  /** Hosts that were touched, also by a look. */
  hosts(): Set<string> {
    return new Set(this.calls.map(({ input }) => hostNameOf(input as Input)).filter((host) => host !== ''));
  }

  inputsOf(name: Name): unknown[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input);
  }

  /** Most calls of an activity that ran at the same time. */
  peakOf(name: Name): number {
    return this.#peaks.get(name) ?? 0;
  }

  #recorded(name: string, activity: Activity, script: Script): Activity {
    const scripted = script[name as Name] as
      ((input: Input, otherwise: () => Promise<unknown>) => Promise<unknown>) | undefined;
    return async (input) => {
      this.calls.push({ name, text: [name, hostNameOf(input)].filter(Boolean).join(' '), input });
      this.#count(name, 1);
      try {
        return await (scripted?.(input, () => activity(input)) ?? activity(input));
      } finally {
        this.#count(name, -1);
      }
    };
  }

  #count(name: string, change: number): void {
    const running = (this.#running.get(name) ?? 0) + change;
    this.#running.set(name, running);
    this.#peaks.set(name, Math.max(running, this.peakOf(name as Name)));
  }
}

type Input = { scope?: Scope };
type Activity = (input: Input) => Promise<unknown>;

const hostNameOf = ({ scope }: Input): string => (scope === undefined ? '' : hostOf(scope).name);

/** A healthy world but for what the script says. `inPlace`: parts that are there already, as `vm-a k3s`. */
export const worldWith = (script: Script = {}, inPlace: Iterable<string> = []): World => new World(script, inPlace);

/** Every part of these hosts. */
export const allOn = (...hosts: string[]): string[] => hosts.flatMap((host) => PARTS.map((part) => `${host} ${part}`));

const healthyActivities = (inPlace: Set<string>): Activities => ({
  'verify artifacts': () => Promise.resolve(),
  'plan cluster': ({ scope }) => Promise.resolve(planOf(scope, inPlace)),
  'digest plan': ({ digests }) =>
    Promise.resolve({
      digest: createHash('sha256')
        .update([...digests].sort().join('\n'))
        .digest('hex'),
    }),
  'check cluster': ({ scope }) => Promise.resolve({ results: [checkThat('pass', 'error', scope.cluster.name)] }),
  'check cluster ahead': () => Promise.resolve({ results: [] }),
  'plan removal': ({ scope }) => Promise.resolve({ parts: removalOf(scope) }),
  'look for messages in streams': () => Promise.resolve({}),
  'purge keys': ({ topology }) =>
    Promise.resolve({
      steps: [{ verb: 'delete', object: `keys of topology ${topology}`, because: '--purge was given' }],
    }),
  ...partActivities(inPlace),
});

function partActivities(inPlace: Set<string>): Pick<Activities, `ensure ${string}` | `remove ${string}`> {
  const ensure =
    (part: string): Activities['ensure x'] =>
    ({ scope }) => {
      const steps = stepsDue(scope, part, inPlace);
      inPlace.add(placeOf(scope, part));
      return Promise.resolve({ steps });
    };
  const remove =
    (part: string): Activities['remove x'] =>
    ({ scope }) => {
      inPlace.delete(placeOf(scope, part));
      return Promise.resolve({ steps: [{ verb: 'delete', object: part, because: 'it is there' }] });
    };
  return Object.fromEntries(
    PARTS.flatMap((part) => [
      [`ensure ${part}`, ensure(part)],
      [`remove ${part}`, remove(part)],
    ]),
  );
}

/** A failure as an activity of ours throws it; retried at once when it is one that passes. */
export function failureAt(host: string, code: ErrorCode, message: string, hint?: string): ApplicationFailure {
  const failure = toFailure(new ProvisionError(code, message, hint, { host }));
  return ApplicationFailure.create({
    message: failure.message,
    ...(failure.type ? { type: failure.type } : {}),
    nonRetryable: failure.nonRetryable ?? false,
    details: failure.details ?? [],
    nextRetryDelay: '1ms',
  });
}

/** The script that fails on some hosts and does as usual on the others. */
export const failingOn =
  (hosts: string | readonly string[], code: ErrorCode, message: string, hint?: string) =>
  <T>({ scope }: { scope: Scope }, otherwise: () => Promise<T>): Promise<T> => {
    const host = hostOf(scope).name;
    return [hosts].flat().includes(host) ? Promise.reject(failureAt(host, code, message, hint)) : otherwise();
  };

type Part<In, T> = (input: In, otherwise: () => Promise<T>) => Promise<T>;

const asUsual = <T>(_input: unknown, otherwise: () => Promise<T>): Promise<T> => otherwise();

/** The script that is another one on one host. */
export const onHost =
  <In extends { scope: Scope }, T>(host: string, script: Part<In, T>, elsewhere: Part<In, T> = asUsual): Part<In, T> =>
  (input, otherwise) =>
    (hostOf(input.scope).name === host ? script : elsewhere)(input, otherwise);

/** The script that is another one the first time. */
export function first<In, T>(script: Part<In, T>, later: Part<In, T> = asUsual): Part<In, T> {
  let calls = 0;
  return (input, otherwise) => {
    calls += 1;
    return (calls === 1 ? script : later)(input, otherwise);
  };
}
