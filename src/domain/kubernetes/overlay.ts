import type { KubernetesObject } from '@kubernetes/client-node';

/** What an apply would make of an object, as far as one can tell without the API server: lists are taken as they are wanted. */
export const overlaid = (live: KubernetesObject, wanted: KubernetesObject): KubernetesObject => merged(live, wanted);

function merged<T>(before: T, after: T): T {
  if (!isTree(before) || !isTree(after)) return after;
  const keys = Object.keys(after);
  return { ...before, ...Object.fromEntries(keys.map((key) => [key, merged(at(before, key), at(after, key))])) };
}

const at = (tree: object, key: string): unknown => Reflect.get(tree, key);

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
