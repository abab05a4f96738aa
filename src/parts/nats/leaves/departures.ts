import { isProvisionError } from '../../../contract/errors.js';
import type { Step } from '../../../contract/plan.js';
import type { ObjectRef } from '../../../domain/kubernetes/objects.js';
import { monitorPath, parseLeafz } from '../../../domain/nats/monitor.js';
import { leafRole, NATS_NAMESPACE } from '../../../domain/nats/names.js';
import { removeObjects, type ObjectSeen } from '../../objects/objects.js';
import type { Site } from '../../site.js';
import { awaited, DeadlineError, until } from '../../waiting/wait.js';

/** A kubelet that works needs a few seconds; one that hangs must not hold a teardown up. */
const PODS_GONE_MS = 30_000;
const FORCED_GONE_MS = 10_000;
/** A leaf node that died hard is listed until three pings of 5 s are lost. */
const LEAVES_GONE_MS = 90_000;
const EVERY_MS = 200;

/** No other pod takes over the clients; a pod only needs time to close its connections. */
export const GRACE_SECONDS = 2;

export const isThere = (objects: readonly ObjectSeen[], { kind, metadata: { name } }: ObjectRef): boolean =>
  objects.some(({ wanted, live }) => wanted.kind === kind && wanted.metadata.name === name && live !== undefined);

/** Pods of a workload that is gone, as an interrupted removal leaves them. */
export const seeEnding = (site: Site, objects: readonly ObjectSeen[], workload: ObjectRef): Promise<string[]> =>
  isThere(objects, workload) ? Promise.resolve([]) : podNames(site, workload.metadata.name);

/** The steps that take a workload's objects out; pods that are still ending are waited for. */
export const removeWorkload = (objects: readonly ObjectSeen[], ending: readonly string[]): Step[] => [
  ...removeObjects(objects),
  ...ending.map((name): Step => ({ verb: 'delete', object: `Pod/${name}`, because: 'it is still ending' })),
];

async function podNames(site: Site, app: string): Promise<string[]> {
  const kube = await site.kubeIfUp();
  const pods = (await kube?.pods(NATS_NAMESPACE, `app=${app}`)) ?? [];
  return pods.map(({ metadata }) => metadata?.name ?? '?');
}

/**
 * Waits until no pod of the app is left. Where the kubelet does not end them, their objects are deleted without it: what
 * still runs goes with K3s, or when the kubelet is back. @throws ProvisionError NOT_READY, retried
 */
export async function podsGone(site: Site, app: string): Promise<void> {
  const gone = (timeoutMs: number): Promise<void> =>
    awaited(site, { timeoutMs, look: `kubectl -n ${NATS_NAMESPACE} get pods` }, async () => {
      const names = await podNames(site, app);
      return names.length === 0 ? undefined : `still ending: ${names.join(', ')}`;
    });
  try {
    await gone(PODS_GONE_MS);
  } catch (error) {
    if (!isProvisionError(error) || error.code !== 'NOT_READY') throw error;
    const kube = await site.kube();
    for (const name of await podNames(site, app))
      await kube.remove({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NATS_NAMESPACE } }, 0);
    await gone(FORCED_GONE_MS);
  }
}

/**
 * Waits until the broker itself no longer lists leaf nodes: what cuts them is their own end, not the end of the mirror. It
 * never fails a teardown: the broker goes in any case, and its connections with it.
 */
export async function leavesGone(site: Site, leaves: readonly string[]): Promise<void> {
  const { clock, work } = site;
  const kube = await site.kube();
  const wait = { timeoutMs: LEAVES_GONE_MS, everyMs: EVERY_MS, signal: work.signal };
  try {
    await until(clock, wait, async () => {
      const { status, body } = await kube.get(monitorPath('nats-broker', 'leafz'));
      const linked = new Set(status === 200 ? parseLeafz(body).leafs.map(({ name }) => name) : []);
      const left = leaves.map(leafRole).filter((name) => linked.has(name));
      if (left.length === 0) return { ready: true };
      const saw = `${left.length} leaf nodes are still linked, such as ${left[0] ?? ''}`;
      work.heartbeat(saw);
      return { ready: false, saw };
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    work.heartbeat(error.message);
  }
}
