import { z } from 'zod';
import { topologySchema } from '../../contract/topology/topology-schema.js';

/** The fields that a topology has at a path; none where it has no object. */
export function fieldsAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = unwrapped(topologySchema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = unwrapped(at.element);
    else at = at instanceof z.ZodObject ? unwrapped(Reflect.get(at.shape, part)) : undefined;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Where the object at a path has a field of this name one level deeper, as `limits.maxConnections`. */
export const fieldBelow = (key: string, path: readonly PropertyKey[]): string | undefined =>
  fieldsAt(path)
    .filter((field) => fieldsAt([...path, field]).includes(key))
    .map((field) => `${field}.${key}`)[0];

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap();
  return at;
}
