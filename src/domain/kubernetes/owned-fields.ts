import type { KubernetesObject } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { FIELD_MANAGER } from '../../contract/names.js';

interface Managed {
  metadata?: { managedFields?: { manager?: string; operation?: string; subresource?: string; fieldsV1?: object }[] };
}

/** The fields of an object that our server-side apply set and that no other manager has set since, as the API server keeps them. */
export const ownedFields = ({ metadata }: Managed): string =>
  JSON.stringify(
    (metadata?.managedFields ?? [])
      .filter(
        ({ manager, operation, subresource = '' }) =>
          manager === FIELD_MANAGER && operation === 'Apply' && subresource === '',
      )
      .map(({ fieldsV1 }) => fieldsV1),
  );

/** A set of fields as the API server keeps it; the keys say how a step leads on. */
interface FieldSet {
  [step: string]: FieldSet;
}

/**
 * The fields that our apply had set and that are no longer ours, a line each: `spec.replicas: 0 → as rendered`. What they
 * were is not known; the next apply sets them again.
 * @param owned what `ownedFields` returned after the apply
 * @param show makes a text of a value; it hides those of Secrets
 */
export function lostFields(
  owned: string,
  now: string,
  live: KubernetesObject,
  show: (path: string, value: unknown) => string,
): string[] {
  const [before = {}] = parseObject<FieldSet[]>(owned, []);
  const [after = {}] = parseObject<FieldSet[]>(now, []);
  return lost(before, after, live, '').map(([path, value]) => `${path}: ${show(path, value)} → as rendered`);
}

function lost(before: FieldSet, after: FieldSet, value: unknown, path: string): [path: string, value: unknown][] {
  return Object.entries(before).flatMap(([step, below]): [string, unknown][] => {
    if (step === '.') return [];
    const { name, found } = follow(step, value, path);
    const still = after[step];
    return still === undefined ? [[name, found]] : lost(below, still, found, name);
  });
}

/** `f:` leads to a field, `k:` to the item of a list with these fields, `v:` to the item of a set. */
function follow(step: string, value: unknown, path: string): { name: string; found: unknown } {
  const text = step.slice(2);
  if (step.startsWith('f:')) return { name: path === '' ? text : `${path}.${text}`, found: fieldOf(value, text) };
  const wanted: unknown = JSON.parse(text);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (step.startsWith('v:'))
    return { name: `${path}[${String(wanted)}]`, found: items.find((item) => item === wanted) };
  const keys = Object.entries(wanted ?? {});
  return {
    name: `${path}[${keys.map(([key, at]) => `${key}=${String(at)}`).join(',')}]`,
    found: items.find((item) => keys.every(([key, at]) => fieldOf(item, key) === at)),
  };
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
