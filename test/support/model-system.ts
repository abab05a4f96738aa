import { createHash } from 'node:crypto';
import type { Activities } from '../../src/activities/activities.js';
import { toFailure } from '../../src/activities/activity.js';
import type { CheckResult } from '../../src/contract/checks.js';
import { ProvisionError, type ErrorCode } from '../../src/contract/errors.js';
import type { ClusterPlan, PartPlan, Step } from '../../src/contract/plan.js';
import { hostOf, isHub, type Scope } from '../../src/contract/topology/scope.js';
import { isRenewal } from '../../src/domain/pki/renewal.js';
import { digestOf } from '../../src/parts/plan.js';

type Row = Pick<PartPlan, 'part' | 'title' | 'phase'> & { object: string };

const ON_EVERY: readonly Row[] = [
  { part: 'claim', title: 'claim the host', phase: 'clusters', object: '/etc/leafspan/claim.json' },
  { part: 'k3s', title: 'install and start K3s', phase: 'clusters', object: 'unit k3s.service' },
];
const ON_HUB: readonly Row[] = [
  { part: 'broker', title: 'run the NATS broker', phase: 'link', object: 'StatefulSet/nats-broker' },
];
const ON_LEAF: readonly Row[] = [
  { part: 'leaf-node', title: 'run the NATS leaf node', phase: 'messaging', object: 'StatefulSet/nats-leaf' },
];

const rowsOf = (scope: Scope): Row[] => [...ON_EVERY, ...(isHub(scope) ? ON_HUB : ON_LEAF)];

export const checkThat = (
  state: 'pass' | 'fail',
  subject = 'cluster-b',
  severity: CheckResult['severity'] = 'error',
): CheckResult => ({
  id: 'leaf-linked',
  category: 'nats-leaf',
  subject,
  title: 'the leaf node is linked to the broker',
  severity,
  verdict: state === 'pass' ? { state } : { state, because: 'no link' },
  docs: 'leaf-linked',
  elapsedMs: 1,
});

/** Clusters in memory, with three parts each: what an activity makes, the next look sees. */
export class ModelSystem {
  readonly #there = new Set<string>();
  readonly #failing = new Map<string, Error>();
  readonly #unlinked = new Set<string>();

  /** Activities of this name fail on this host. */
  fail(activity: string, host: string, code: ErrorCode, message: string, hint?: string): void {
    this.#failing.set(`${activity} ${host}`, toFailure(new ProvisionError(code, message, hint, { host })));
  }

  /** Every step has a difference of this many characters. */
  diffChars = 0;

  /** What the next plans warn of, by host. */
  warnings: Record<string, ClusterPlan['warnings']> = {};

  /** Clusters whose certificates are due. */
  readonly due = new Set<string>();

  /** The leaf's check does not pass. */
  unlink(cluster: string): void {
    this.#unlinked.add(cluster);
  }

  get activities(): Activities {
    const activities: Record<string, unknown> = {
      'verify artifacts': () => Promise.resolve(),
      'digest plan': ({ digests }: { digests: string[] }) => Promise.resolve({ digest: digestOfAll(digests) }),
      'plan cluster': this.#on('plan cluster', (scope) => this.#plan(scope)),
      'check cluster': this.#on('check cluster', ({ cluster: { name } }) => ({
        results: [checkThat(this.#unlinked.has(name) ? 'fail' : 'pass', name)],
      })),
      'check cluster ahead': () => Promise.resolve({ results: [] }),
      'plan removal': this.#on('plan removal', (scope) => ({
        parts: rowsOf(scope)
          .filter(({ part }) => this.#has(scope, part))
          .map(({ part, title }) => ({ part, title, needs: [], leavesFirst: part === 'leaf-node' })),
      })),
      'look for messages in streams': () => Promise.resolve({}),
      'purge keys': ({ topology }: { topology: string }) =>
        Promise.resolve({ steps: [{ verb: 'delete', object: `keys of ${topology}`, because: '--purge was given' }] }),
    };
    for (const row of [...ON_EVERY, ...ON_HUB, ...ON_LEAF]) {
      activities[`ensure ${row.part}`] = this.#on(`ensure ${row.part}`, (scope) => this.#ensure(scope, row));
      activities[`remove ${row.part}`] = this.#on(`remove ${row.part}`, (scope) => this.#remove(scope, row));
    }
    return activities as Activities;
  }

  #on<Result>(activity: string, work: (scope: Scope) => Result) {
    return ({ scope }: { scope: Scope }): Promise<Result> => {
      const failure = this.#failing.get(`${activity} ${hostOf(scope).name}`);
      return failure === undefined ? Promise.resolve(work(scope)) : Promise.reject(failure);
    };
  }

  #has(scope: Scope, part: string): boolean {
    return this.#there.has(`${scope.cluster.name}/${part}`);
  }

  #plan(scope: Scope): ClusterPlan {
    const parts = rowsOf(scope).map(({ object, ...row }): PartPlan => ({
      ...row,
      needs: [],
      needsHub: [],
      steps: isRenewal(scope) ? this.#renewal(scope, row) : this.#has(scope, row.part) ? [] : [this.#creates(object)],
    }));
    const state = this.#has(scope, 'claim') ? 'ours' : 'none';
    const host = hostOf(scope).name;
    const warnings = this.warnings[host];
    return {
      cluster: scope.cluster.name,
      host,
      state,
      parts,
      digest: digestOf(parts),
      ...(warnings === undefined ? {} : { warnings }),
    };
  }

  #renewal({ cluster: { name } }: Scope, { part }: Pick<Row, 'part'>): Step[] {
    return this.due.has(name) && (part === 'broker' || part === 'leaf-node') ? [RELOAD] : [];
  }

  #ensure(scope: Scope, { part, object }: Row): { steps: Step[] } {
    if (isRenewal(scope)) {
      const steps = this.#renewal(scope, { part });
      this.due.delete(scope.cluster.name);
      return { steps };
    }
    if (this.#has(scope, part)) return { steps: [] };
    this.#there.add(`${scope.cluster.name}/${part}`);
    return { steps: [this.#creates(object)] };
  }

  #creates(object: string): Step {
    const step: Step = { verb: 'create', object, because: 'it is not there' };
    return this.diffChars === 0 ? step : { ...step, diff: ['x'.repeat(this.diffChars)] };
  }

  #remove(scope: Scope, { part, object }: Row): { steps: Step[] } {
    if (!this.#there.delete(`${scope.cluster.name}/${part}`)) return { steps: [] };
    return { steps: [{ verb: 'delete', object, because: 'it was created by leafspan' }] };
  }
}

const RELOAD: Step = {
  verb: 'reload',
  object: 'certificates of the NATS server',
  because: 'they were issued again',
};

const digestOfAll = (digests: readonly string[]): string =>
  createHash('sha256').update(digests.join('\n')).digest('hex');
