import type { PhaseName } from './phases.js';

/** What a step does. Whatever neither creates nor deletes counts as a change. */
export type Verb = 'create' | 'change' | 'delete' | 'start' | 'restart' | 'reload';

/** One change that a part decides on. It travels, so it holds no secret: values of Secrets appear as fingerprints. */
export interface Step {
  verb: Verb;
  /** What is touched: `Service/nats-broker`, `/etc/rancher/k3s/config.yaml`, `unit k3s.service`. */
  object: string;
  /** The reason, a clause that follows "because": `it is not there`. */
  because: string;
  /** One line a field or line of text, such as `spec.ports[0].port: 4222 → 4223`. */
  diff?: readonly string[];
}

/** What one part would do on one cluster, with what the walk needs to know of the part. */
export interface PartPlan {
  /** Stable name in kebab case; the activity that acts is `ensure <part>`. */
  part: string;
  /** Verb and object, such as `run the NATS broker`. */
  title: string;
  phase: PhaseName;
  /** Parts of the same cluster that come first. */
  needs: readonly string[];
  /** Parts of the hub that come first. */
  needsHub: readonly string[];
  steps: readonly Step[];
  /** Some of its checks start as soon as it is there. */
  checkedSoon?: true;
  /** Other clusters wait for this part. */
  awaited?: boolean;
  /** The part cannot be looked at yet, and why; it decides when it is about to act. */
  unseen?: string;
}

/** none: bare; ours: made by this topology; partial: ours, half made; foreign: a Kubernetes that leafspan did not install. */
export type HostState = 'none' | 'ours' | 'partial' | 'foreign';

/** What preflight saw that may fail, but need not. */
export interface Warning {
  message: string;
  remedy: string;
}

export interface ClusterPlan {
  cluster: string;
  host: string;
  state: HostState;
  parts: readonly PartPlan[];
  /** SHA-256 over the steps, hex. */
  digest: string;
  /** Absent without any. */
  warnings?: readonly Warning[];
  /** Of two plans it is the same when they are of one machine; absent when it could not be read. */
  machine?: string;
}

export interface Counts {
  create: number;
  change: number;
  delete: number;
}

export const countsOf = (steps: readonly Step[]): Counts => {
  const created = steps.filter(({ verb }) => verb === 'create').length;
  const deleted = steps.filter(({ verb }) => verb === 'delete').length;
  return { create: created, change: steps.length - created - deleted, delete: deleted };
};

export const sumOf = (counts: readonly Counts[]): Counts =>
  counts.reduce(
    (sum, each) => ({
      create: sum.create + each.create,
      change: sum.change + each.change,
      delete: sum.delete + each.delete,
    }),
    { create: 0, change: 0, delete: 0 },
  );

export const stepsOf = ({ parts }: Pick<ClusterPlan, 'parts'>): Step[] => parts.flatMap(({ steps }) => steps);

/** Whether there is anything to do: a step, or a part that could not be seen. */
export const isEmpty = ({ parts }: Pick<ClusterPlan, 'parts'>): boolean =>
  parts.every(({ steps, unseen }) => steps.length === 0 && unseen === undefined);

/** A part that is to be taken out, in the walk's terms. */
export interface PartRemoval {
  part: string;
  title: string;
  /** Parts that go before this one: those that need it. */
  needs: readonly string[];
  /** Peers are to notice that it leaves. */
  leavesFirst: boolean;
}
