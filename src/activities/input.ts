import { z } from 'zod';
import { ProvisionError } from '../contract/errors.js';
import { scopeSchema, topologyNameSchema } from '../contract/topology/scope-schema.js';

/** What inputs of activities have of what ends up in scripts, paths and addresses. */
const INPUT = z.looseObject({ scope: scopeSchema.optional(), topology: topologyNameSchema.optional() });

/**
 * Refuses an input that no topology file could have led to: whoever may start workflows can write any.
 * @throws ProvisionError TOPOLOGY_INVALID
 */
export function mustBeValid(input: unknown): void {
  const { error } = INPUT.safeParse(input ?? {});
  if (error === undefined) return;
  const problems = error.issues.slice(0, 10).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new ProvisionError(
    'TOPOLOGY_INVALID',
    `the input of the workflow is not that of a topology:\n${problems.join('\n')}`,
    'start workflows with the commands of leafspan, of the same version as the worker',
  );
}
