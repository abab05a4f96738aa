import { ProvisionError } from '../contract/errors.js';
import type { Step } from '../contract/plan.js';
import { printableIn } from '../contract/printable.js';
import type { Scope } from '../contract/topology/scope.js';
import { isClaimed } from '../parts/host/claim.js';
import { partNamed, PART_NAMES } from '../parts/list.js';
import { unapproved } from '../parts/plan.js';
import type { Ports } from '../parts/ports.js';
import { confirm } from '../parts/run-checks.js';
import { Site } from '../parts/site.js';
import { guarded } from './activity.js';

export interface EnsureInput {
  scope: Scope;
  /** The steps that were approved for this part; absent: none had to be. */
  approved?: readonly Step[];
}

export interface StepsTaken {
  steps: Step[];
}

type EnsurePart = (input: EnsureInput) => Promise<StepsTaken>;
type RemovePart = (input: { scope: Scope }) => Promise<StepsTaken>;

/** One activity per part and direction, so that the Web UI says what is done: `ensure broker`, `remove broker`. */
export type PartActivities = Record<`ensure ${string}`, EnsurePart> & Record<`remove ${string}`, RemovePart>;

export const partActivities = (ports: Ports): PartActivities => {
  /** Looks, decides, acts, and waits until the part's own checks hold. */
  const ensure = (name: string): EnsurePart =>
    guarded(async ({ scope, approved }, work) => {
      const site = new Site(ports, scope, work);
      const part = partNamed(scope, name);
      const { steps, act } = await part.see(site);
      if (approved !== undefined) refuseUnapproved(site, unapproved(printableIn(steps), approved));
      if (steps.length > 0) refuseUnissued(site);
      const taken = work.begin(steps);
      if (steps.length > 0) await act(steps);
      await confirm(site, part.checks?.(scope) ?? []);
      return { steps: taken };
    });

  /** Takes the part out, and looks again: no step left proves its absence. @throws ProvisionError REMAINS_FOUND, retried */
  const remove = (name: string): RemovePart =>
    guarded(async ({ scope }, work) => {
      const part = partNamed(scope, name);
      const site = new Site(ports, scope, work);
      // Without our claim the host is bare, or not ours: either way nothing on it is ours to remove.
      if (part.livesIn !== 'store' && !(await isClaimed(site))) return { steps: work.begin([]) };
      const { steps, act } = await part.seeForRemoval(site);
      const taken = work.begin(steps);
      if (steps.length === 0) return { steps: taken };
      await act(steps);
      const { steps: left } = await part.seeForRemoval(new Site(ports, scope, work));
      if (left.length > 0) throw remains(site, left);
      return { steps: taken };
    });

  return Object.fromEntries(
    PART_NAMES.flatMap((name) => [
      [`ensure ${name}`, ensure(name)],
      [`remove ${name}`, remove(name)],
    ]),
  );
};

function refuseUnapproved({ host, cluster }: Site, steps: readonly Step[]): void {
  if (steps.length === 0) return;
  throw new ProvisionError(
    'PLAN_CHANGED',
    `the plan changed after it was approved:\n${steps.map(line).join('\n')}`,
    'run plan, read it, then run provision again and approve that plan',
    { host: host.name, cluster },
  );
}

function refuseUnissued({ host, topology, unissued: [missing] }: Site): void {
  if (missing === undefined) return;
  const message = `topology "${topology}" has no ${missing}`;
  throw new ProvisionError('SECRET_MISSING', message, 'run provision, which issues what is missing', {
    host: host.name,
  });
}

const remains = ({ host }: Site, steps: readonly Step[]): ProvisionError =>
  new ProvisionError(
    'REMAINS_FOUND',
    `left behind after uninstall: ${steps.map(({ object }) => object).join('; ')}`,
    'retrying; on the host, find what uses it: sudo fuser -vm PATH',
    { host: host.name },
  );

const line = ({ verb, object, because, diff = [] }: Step): string =>
  [`  ${verb} ${object}, because ${because}`, ...diff.map((field) => `    ${field}`)].join('\n');
