import type { ClusterPlan, PartPlan, PartRemoval, Step } from '../../../src/contract/plan.js';
import { hostOf, isHub, type Scope } from '../../../src/contract/topology/scope.js';
import { digestOf } from '../../../src/parts/plan.js';

type Kind = Omit<PartPlan, 'steps' | 'title' | 'needsHub' | 'needs'> & Partial<Pick<PartPlan, 'needs' | 'needsHub'>>;

/** A few parts with every kind of need; what they stand for does not matter to a workflow. */
const ON_HUB: readonly Kind[] = [
  { part: 'certificates', phase: 'pki', awaited: true },
  { part: 'k3s', phase: 'clusters', needs: ['certificates'] },
  { part: 'broker', phase: 'link', needs: ['k3s'] },
  { part: 'gateway', phase: 'link', needs: ['k3s'], awaited: true },
  { part: 'publisher', phase: 'messaging', needs: ['broker'] },
];
const ON_LEAF: readonly Kind[] = [
  { part: 'certificates', phase: 'pki', needsHub: ['certificates'] },
  { part: 'k3s', phase: 'clusters', needs: ['certificates'] },
  { part: 'link', phase: 'link', needs: ['k3s'], needsHub: ['gateway'] },
  { part: 'leaf-node', phase: 'messaging', needs: ['link'] },
];

export const PARTS: readonly string[] = [...new Set([...ON_HUB, ...ON_LEAF].map(({ part }) => part))];

export const createStep = (part: string): Step => ({ verb: 'create', object: part, because: 'it is not there' });

/** What is in place, as `vm-a k3s`. */
export const placeOf = (scope: Scope, part: string): string => `${hostOf(scope).name} ${part}`;

export const stepsDue = (scope: Scope, part: string, inPlace: ReadonlySet<string>): Step[] =>
  inPlace.has(placeOf(scope, part)) ? [] : [createStep(part)];

export function planOf(scope: Scope, inPlace: ReadonlySet<string>): ClusterPlan {
  const parts = (isHub(scope) ? ON_HUB : ON_LEAF).map((kind): PartPlan => ({
    needs: [],
    needsHub: [],
    ...kind,
    title: `set up ${kind.part}`,
    steps: stepsDue(scope, kind.part, inPlace),
  }));
  const { cluster, name: host } = hostOf(scope);
  return planWith(parts, { cluster, host, state: 'none' });
}

export const planWith = (parts: PartPlan[], rest: Pick<ClusterPlan, 'cluster' | 'host' | 'state'>): ClusterPlan => ({
  ...rest,
  parts,
  digest: digestOf(parts),
});

/** In reverse; a leaf's leaf node is what the broker must see leave. */
export const removalOf = (scope: Scope): PartRemoval[] => {
  const first = isHub(scope) ? 'broker' : 'leaf-node';
  return [
    { part: first, title: `take out ${first}`, needs: [], leavesFirst: !isHub(scope) },
    { part: 'k3s', title: 'take out k3s', needs: [first], leavesFirst: false },
  ];
};

/** The plan with one more step, which is so long that three such plans do not travel as one payload. */
export function bulky({ parts, ...rest }: ClusterPlan, object: string): ClusterPlan {
  const step: Step = { verb: 'change', object, because: 'it differs', diff: ['x'.repeat(50_000)] };
  return planWith(
    parts.map((part) => (part.part === 'k3s' ? { ...part, steps: [...part.steps, step] } : part)),
    rest,
  );
}
