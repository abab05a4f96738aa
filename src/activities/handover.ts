import { fieldOf, textOf } from '../contract/caught.js';
import type { Step } from '../contract/plan.js';
import { redact } from '../domain/secrets/redact.js';

/** What an attempt leaves to the next one, with its heartbeats: a retry looks again, and would report only what is left. */
export interface Handover {
  /** What is being done, for people. */
  doing: string;
  /** Steps that an attempt has begun. Without their differences, so that heartbeats stay small. */
  begun: readonly Step[];
  /** Time that the attempts took together. The time between them, when no worker may run, does not count. */
  workedMs: number;
}

const MAX_STEPS = 200;

/** What the attempt before has left; its shape is checked, since another version of leafspan may have written it. */
export function handoverFrom(details: unknown): Omit<Handover, 'doing'> {
  const [begun, workedMs] = [fieldOf(details, 'begun'), fieldOf(details, 'workedMs')];
  return {
    begun: Array.isArray(begun) ? begun.filter(isStep) : [],
    workedMs: typeof workedMs === 'number' ? workedMs : 0,
  };
}

/** Steps of an earlier attempt, and those of this one; a step that had to be taken again counts once. */
export const together = (earlier: readonly Step[], now: readonly Step[]): Step[] => [
  ...earlier.filter(({ verb, object }) => !now.some((step) => step.verb === verb && step.object === object)),
  ...now,
];

export function brief(steps: readonly Step[]): Step[] {
  const first = steps.slice(0, MAX_STEPS);
  // Names of what is removed are what a host printed, line by line: a key is only found in all of them together.
  const names = first.map(({ object }) => object).join('\n');
  const isSafe = redact(names) === names;
  return first.map(({ verb, object, because }, index) => ({
    verb,
    object: isSafe ? object : `[redacted] ${index}`,
    because: redact(because),
  }));
}

const isStep = (value: unknown): value is Step =>
  ['verb', 'object', 'because'].every((name) => textOf(value, name) !== undefined);
