import type { PhaseName } from '../contract/phases.js';
import type { Step } from '../contract/plan.js';
import type { Scope } from '../contract/topology/scope.js';
import type { ReachTarget } from '../domain/hosts/reach.js';
import { isRenewal } from '../domain/pki/renewal.js';
import type { Check } from './check.js';
import type { Site } from './site.js';

/**
 * One thing that leafspan puts into the world and can take out again. Plan, provision, verify and teardown are walks over
 * parts. Facts and what is wanted never leave the activity, so they may hold keys; steps do leave it.
 */
export interface PartDefinition<Wanted, Facts> {
  /** Stable, kebab case. */
  name: string;
  /** Verb and object, at most six words; people read it in the Web UI. */
  title: string;
  phase: PhaseName;
  /** Parts of the same cluster that come first, by name. Those that the list leaves out do not count. */
  needs?: readonly string[];
  /** Parts of the hub that come first. */
  needsHub?: readonly string[];
  /** Where the part lives: what is in a cluster can only be seen while its API server runs, and goes when K3s goes. */
  livesIn: 'store' | 'host' | 'cluster';
  /** Its look also asks the hub's API server. */
  asksHub?: boolean;
  /** Taken out before K3s goes, although it would go with it: its peers are to notice. */
  leavesFirst?: boolean;
  /** TCP ports of the host that the part takes. */
  listens?: (scope: Scope) => readonly number[];
  /** What the host must be able to reach. */
  dials?: (scope: Scope) => readonly ReachTarget[];
  /** Images that the part's pods run from. */
  images?: (scope: Scope) => readonly string[];
  /** Pure; the only reader of the topology. */
  wanted: (scope: Scope) => Wanted;
  /** Changes nothing. What is not there is a fact, not an error. `goal` spares looks that only one direction needs. */
  look: (site: Site, wanted: Wanted, goal: Goal) => Promise<Facts>;
  /** Pure, and the only place that decides; []: all is as wanted. */
  decide: (seen: Facts, wanted: Wanted) => Step[];
  /**
   * Pure: the steps that bring what certificates were issued again, out of those of `decide`. Absent: the part has none, and
   * a renewal does not look at it.
   */
  renew?: (steps: Step[], seen: Facts, wanted: Wanted) => Step[];
  /** Pure: the steps that take the part out; []: it is not there. Never touches what leafspan did not create. */
  undo: (seen: Facts, wanted: Wanted) => Step[];
  /** Carries out steps of `decide` or `undo`; safe to run again after it was cut off anywhere. */
  act: (site: Site, steps: readonly Step[], seen: Facts, wanted: Wanted) => Promise<void>;
  /** Statements that are true when the part works. Those that `confirm` are waited for after `act`. */
  checks?: (scope: Scope) => Check[];
}

export type Goal = 'present' | 'absent';

/** What one look saw, with the decisions that follow from it. */
export interface Sight {
  steps: Step[];
  act: (steps: readonly Step[]) => Promise<void>;
}

/** A part as the walks know it: its types stay inside. */
export interface Part extends Omit<
  PartDefinition<unknown, unknown>,
  'wanted' | 'look' | 'decide' | 'renew' | 'undo' | 'act'
> {
  /** Whether a renewal of certificates looks at it. */
  renews: boolean;
  /** Looks and decides the steps to the wanted state. */
  see(site: Site): Promise<Sight>;
  /** Looks and decides what takes the part out. */
  seeForRemoval(site: Site): Promise<Sight>;
}

export function part<Wanted, Facts>(definition: PartDefinition<Wanted, Facts>): Part {
  const { wanted, look, decide, renew, undo, act, ...rest } = definition;
  const sight =
    (goal: Goal, steps: (seen: Facts, want: Wanted) => Step[]) =>
    async (site: Site): Promise<Sight> => {
      const want = wanted(site.scope);
      const seen = await look(site, want, goal);
      return { steps: steps(seen, want), act: (chosen) => act(site, chosen, seen, want) };
    };
  const see = sight('present', decide);
  const seeRenewal =
    renew === undefined
      ? () => Promise.resolve(AT_REST)
      : sight('present', (seen, want) => renew(decide(seen, want), seen, want));
  return {
    ...rest,
    renews: renew !== undefined,
    see: (site) => (isRenewal(site.scope) ? seeRenewal(site) : see(site)),
    seeForRemoval: sight('absent', undo),
  };
}

const AT_REST: Sight = { steps: [], act: () => Promise.resolve() };

/** The steps that touch one of the objects. */
export const touching = (steps: readonly Step[], object: string): Step | undefined =>
  steps.find((step) => step.object === object);
