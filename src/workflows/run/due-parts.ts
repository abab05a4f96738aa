import type { PartPlan } from '../../contract/plan.js';

/**
 * The parts with something to do. Each needs also what the parts between it and another one need: those are in place, and
 * the walk does not visit them.
 */
export function dueParts(parts: readonly PartPlan[]): PartPlan[] {
  return parts
    .filter(({ steps, unseen }) => steps.length > 0 || unseen !== undefined)
    .map((part) => {
      const below = partsBelow(parts, part);
      return {
        ...part,
        needs: below.map(({ part: name }) => name),
        needsHub: [...new Set([part, ...below].flatMap(({ needsHub }) => needsHub))],
      };
    });
}

/** Everything that a part stands on. */
function partsBelow(parts: readonly PartPlan[], { needs }: PartPlan): PartPlan[] {
  const names = new Set(needs);
  for (const name of names) for (const need of named(parts, name)?.needs ?? []) names.add(need);
  return parts.filter(({ part }) => names.has(part));
}

const named = (parts: readonly PartPlan[], name: string): PartPlan | undefined =>
  parts.find(({ part }) => part === name);
