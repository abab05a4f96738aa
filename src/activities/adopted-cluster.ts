import type { KubernetesObject, V1Namespace } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../contract/names.js';
import { linkRefs } from '../domain/multicluster/link.js';
import { LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE } from '../domain/linkerd/names.js';
import type { Host } from '../contract/topology.js';
import { guarded } from './activity.js';
import { removePart } from './inventory.js';
import type { KubernetesCluster, Ports } from '../parts/ports.js';
import { runningApi } from './running-api.js';
import { awaited } from './wait.js';
import { NATS_NAMESPACE } from '../domain/nats/names.js';
import type { ObjectRef } from '../domain/kubernetes/objects.js';
import { ADOPTED_FILE } from '../domain/hosts/paths.js';

const GONE_TIMEOUT_MS = 3 * 60_000;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const adoptedClusterActivities = (ports: Ports) => ({
  /**
   * Takes everything of ours out of a Kubernetes that stays; a K3s of ours goes as a whole, and its contents with it. The
   * Link goes first, while its controller can still take its mirrors away; it works without the other side. The rest goes
   * by inventory: a render without a part deletes nothing of it. @throws ProvisionError NOT_READY, retried
   */
  emptyAdoptedCluster: guarded(async ({ host, broker }: { host: Host; broker: string }, work) => {
    const { stdout } = await ports.hosts.run(host, `[ -e ${ADOPTED_FILE} ] && echo adopted; true`, work);
    const cluster = stdout.trim() === 'adopted' ? await runningApi(ports, host, work) : undefined;
    if (cluster === undefined) return { changed: [] };
    const removed: string[] = [];
    const remove = async (object: ObjectRef): Promise<void> => {
      if (await cluster.remove(object)) removed.push(`${object.kind}/${object.metadata.name}`);
    };
    for (const object of linkRefs(broker)) await remove(object);
    removed.push(...(await removePart(cluster, MULTICLUSTER_NAMESPACE)));
    await remove(namespace(NATS_NAMESPACE));
    await gone(cluster, [NATS_NAMESPACE, MULTICLUSTER_NAMESPACE]);
    // The policy objects are gone with the namespaces before the CRDs and the webhooks that watch over them.
    removed.push(...(await removePart(cluster, LINKERD_NAMESPACE)));
    await gone(cluster, [LINKERD_NAMESPACE]);
    for (const definition of await ownDefinitions(cluster)) await remove(definition);
    return { changed: removed.map((what) => `removed ${what} on ${host.cluster}`) };

    async function gone(kube: KubernetesCluster, names: string[]): Promise<void> {
      const look = `kubectl get namespace ${names.join(' ')} -o yaml`;
      await awaited(ports.clock, host, work, { timeoutMs: GONE_TIMEOUT_MS, look }, async () => {
        const seen = await Promise.all(names.map((name) => kube.read<V1Namespace>(namespace(name))));
        return seen.map(whyThere).find((why) => why !== undefined);
      });
    }
  }),
});

const namespace = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** A namespace that hangs in Terminating says itself what holds it. */
function whyThere(seen: V1Namespace | undefined): string | undefined {
  if (seen === undefined) return undefined;
  const holding = seen.status?.conditions
    ?.filter(({ status, type }) => status === 'True' && type !== 'NamespaceDeletionDiscoveryFailure')
    .map(({ message }) => message ?? '')
    .join('; ');
  return `namespace ${seen.metadata?.name ?? '?'} is there: ${holding === undefined || holding === '' ? 'ending' : holding}`;
}

async function ownDefinitions(cluster: KubernetesCluster): Promise<ObjectRef[]> {
  const { body } = await cluster.get(`${CRDS}?labelSelector=${encodeURIComponent(`${OWNER_LABEL}=${FIELD_MANAGER}`)}`);
  const { items = [] } = JSON.parse(body) as { items?: KubernetesObject[] };
  return items.map(({ metadata }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: metadata?.name ?? '' },
  }));
}
