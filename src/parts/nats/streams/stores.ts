import type { V1PersistentVolumeClaim, V1StatefulSet } from '@kubernetes/client-node';
import { isHub } from '../../../contract/topology/scope.js';
import { DEFAULT_STORES } from '../../../contract/topology/stores.js';
import type { JetStreamSettings } from '../../../contract/topology/topology.js';
import { keepsStreams } from '../../../domain/accounts/streams.js';
import { identityOf, type ObjectRef } from '../../../domain/kubernetes/objects.js';
import { BROKER_APP, BROKER_WORKLOAD } from '../../../domain/nats/broker.js';
import { LEAF_APP, LEAF_WORKLOAD } from '../../../domain/nats/leaf-node.js';
import { dataClaim, dataClaimName } from '../../../domain/nats/streams/jetstream.js';
import type { KubernetesCluster } from '../../ports.js';
import type { Site } from '../../site.js';

export const natsServerOf = (site: Site) =>
  isHub(site.scope)
    ? ({ app: BROKER_APP, role: 'broker', workload: BROKER_WORKLOAD } as const)
    : ({ app: LEAF_APP, role: 'leaf', workload: LEAF_WORKLOAD } as const);

/** The claim for the volume of a cluster's NATS server. */
export function readDataClaim(site: Site, kube: KubernetesCluster): Promise<V1PersistentVolumeClaim | undefined> {
  const { app, role } = natsServerOf(site);
  return kube.read<V1PersistentVolumeClaim>(identityOf(dataClaim(app, role, DEFAULT_STORES)));
}

/**
 * Where the NATS server of a cluster keeps streams; undefined: nowhere. With accounts and no stream yet it is ready for the
 * first one from its start, where the cluster has volumes. One that runs stays as it is: with a volume it would be another pod.
 */
export async function storesOf(site: Site): Promise<JetStreamSettings | undefined> {
  const { nats } = site.scope.settings;
  if (keepsStreams(nats)) return nats.jetstream ?? DEFAULT_STORES;
  if (nats.accounts === undefined) return undefined;
  const startsReady = nats.accounts.length > 0;
  const kube = await site.kubeIfUp();
  if (kube === undefined) return startsReady ? DEFAULT_STORES : undefined;
  const isReady = (await mountsVolume(site, kube)) ?? (startsReady && (await hasVolumes(kube)));
  if (!isReady) return undefined;
  const { role } = natsServerOf(site);
  const maxFile = (await readDataClaim(site, kube))?.spec?.resources?.requests?.['storage'];
  return maxFile === undefined ? DEFAULT_STORES : { ...DEFAULT_STORES, [role]: { ...DEFAULT_STORES[role], maxFile } };
}

/** undefined: there is no server yet. */
async function mountsVolume(site: Site, kube: KubernetesCluster): Promise<boolean | undefined> {
  const { app, workload } = natsServerOf(site);
  const live = await kube.read<V1StatefulSet>(workload);
  return live?.spec?.template.spec?.volumes?.some(
    (volume) => volume.persistentVolumeClaim?.claimName === dataClaimName(app),
  );
}

/** K3s makes its class before CoreDNS is ready, and so before a part looks here. */
const STORAGE_CLASS: ObjectRef = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: DEFAULT_STORES.storageClass },
};

const hasVolumes = async (kube: KubernetesCluster): Promise<boolean> => (await kube.read(STORAGE_CLASS)) !== undefined;
