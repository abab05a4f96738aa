import { accountToken } from '../../../../src/domain/multicluster/accounts.js';
import { linkRefs } from '../../../../src/domain/multicluster/link.js';
import { EXPORTED, GATEWAY, mirrorController, MULTICLUSTER_NAMESPACE } from '../../../../src/domain/linkerd/names.js';
import { BROKER_SERVICE, mirrorService, NATS_NAMESPACE, NATS_PORTS } from '../../../../src/domain/nats/names.js';
import type { ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import { addressOf, type AnyObject } from '../cluster/objects.js';
import type { HostModel } from '../hosts/host-model.js';
import type { World } from '../world.js';

const API_PORT = 6443;

/** The hub's Service in a leaf cluster. */
export interface Mirror {
  hub: HostModel;
  hubName: string;
  /** The gateway, as the leaf cluster dials it. */
  address: string;
  port: number;
  /** Of the mirrored Service. */
  clusterIp: string;
  upAt: number;
}

const read = ({ cluster }: HostModel, apiVersion: string, kind: string, name: string, namespace: string) =>
  cluster.read({ apiVersion, kind, metadata: { name, namespace } });

/** What the mirror controller has made of its Link; undefined: nothing yet. */
export function mirrorOf(world: World, leaf: HostModel): Mirror | undefined {
  const mirror = gatewayOf(world, leaf);
  const exported = mirror && read(mirror.hub, 'v1', 'Service', BROKER_SERVICE, NATS_NAMESPACE);
  return exported?.metadata.labels?.[EXPORTED] === 'true' ? mirror : undefined;
}

/** The gateway of the Link, while its controller gets a response; undefined: none. */
export function gatewayOf(world: World, leaf: HostModel): Mirror | undefined {
  const link = leaf.cluster.store.all('Link')[0]?.object;
  const { targetClusterName, gatewayAddress, gatewayPort } = link?.spec ?? {};
  if (typeof targetClusterName !== 'string' || typeof gatewayAddress !== 'string') return undefined;
  const hub = world.hostAt(gatewayAddress);
  if (hub === undefined || !isAllowed(leaf, hub, targetClusterName)) return undefined;
  if (![Number(gatewayPort), API_PORT].every((port) => world.passes(leaf, gatewayAddress, port))) return undefined;
  if (!hub.cluster.gatewayListensAt(Number(gatewayPort))) return undefined;
  const controller = leaf.cluster.readyAt('Deployment', mirrorController(targetClusterName), MULTICLUSTER_NAMESPACE);
  const gateway = hub.cluster.readyAt('Deployment', GATEWAY, MULTICLUSTER_NAMESPACE);
  if (controller === undefined || gateway === undefined) return undefined;
  const upAt = Math.max(controller, gateway) + leaf.linkMs;
  if (Date.now() < upAt) return undefined;
  const clusterIp = addressOf(NATS_NAMESPACE, mirrorService(targetClusterName));
  return { hub, hubName: targetClusterName, address: gatewayAddress, port: Number(gatewayPort), clusterIp, upAt };
}

/** The credentials that the leaf cluster has are those that the hub has issued. */
function isAllowed(leaf: HostModel, hub: HostModel, hubName: string): boolean {
  const kubeconfig = read(leaf, 'v1', 'Secret', `cluster-credentials-${hubName}`, MULTICLUSTER_NAMESPACE)?.data?.[
    'kubeconfig'
  ];
  const account = read(hub, 'v1', 'Secret', accountToken(leaf.clusterName), MULTICLUSTER_NAMESPACE);
  const token = account?.data?.['token'];
  return kubeconfig !== undefined && token !== undefined && atob(kubeconfig).includes(JSON.stringify(atob(token)));
}

/** The object as the mirror controller leaves it: its own objects, and the status of the Link. */
export function withMirror(
  world: World,
  host: HostModel,
  ref: ObjectRef,
  object: AnyObject | undefined,
): AnyObject | undefined {
  const { kind, metadata } = ref;
  if (kind !== 'Link' && !metadata.name.startsWith(`${BROKER_SERVICE}-`)) return object;
  const mirror = mirrorOf(world, host);
  if (mirror === undefined) return object;
  const isMirror = metadata.name === mirrorService(mirror.hubName) && metadata.namespace === NATS_NAMESPACE;
  if (kind === 'Link' && linkRefs(mirror.hubName)[0]?.metadata.name === metadata.name)
    return object && { ...object, ...mirroredStatus };
  if (kind === 'Service' && isMirror)
    return { ...ref, spec: { clusterIP: mirror.clusterIp, ports: [{ name: 'leaf', port: NATS_PORTS.leaf }] } };
  if (kind === 'Endpoints' && isMirror) {
    const { address: ip, port } = mirror;
    const subsets = { subsets: [{ addresses: [{ ip }], ports: [{ port }] }] };
    return { ...ref, ...subsets };
  }
  return object;
}

const mirroredStatus = {
  status: {
    mirrorServices: [{ remoteRef: { name: BROKER_SERVICE }, conditions: [{ type: 'Mirrored', status: 'True' }] }],
  },
};
