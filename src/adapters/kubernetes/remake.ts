import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import { codeOf, messageOf } from '../../contract/caught.js';
import { FIELD_MANAGER } from '../../contract/names.js';

/** Deleting one of these deletes what is in it. */
const CONTAINERS = new Set(['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim']);
/** A Service also asks for ports of the host that it has itself. */
const IN_ITS_OWN_WAY = /the Kubernetes API responded 409\b|provided port is already allocated/;
/** An object that nothing holds is gone at once. */
const GONE_MS = 10_000;
const POLL_MS = 250;

/** Of the object itself, as it was sent. */
export const isRefused = (error: unknown): boolean => codeOf(error) === 'KUBE_OBJECT_REFUSED';

/**
 * Whether an object of ours has to be made again, since an apply of it was refused: an apply keeps the items that others
 * have added to a list, and cannot change an immutable field. The object itself must be in order.
 * @param create a dry run
 */
export async function mustBeRemade(
  { kind = '', metadata }: KubernetesObject,
  refusal: unknown,
  create: () => Promise<unknown>,
): Promise<boolean> {
  if (!isRefused(refusal) || CONTAINERS.has(kind)) return false;
  if (metadata?.managedFields?.some(({ manager }) => manager === FIELD_MANAGER) !== true) return false;
  return create().then(
    () => true,
    (error: unknown) => IN_ITS_OWN_WAY.test(messageOf(error)),
  );
}

export async function awaitGone(find: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + GONE_MS; Date.now() < until; await sleep(POLL_MS, undefined, { signal }))
    if ((await find()) === undefined) return;
}
