import { createHash } from 'node:crypto';
import type { V1Deployment, V1Endpoints, V1Node, V1Secret, V1Service } from '@kubernetes/client-node';
import { linkObjects, linkRefs, type LinkSpec } from '../domain/multicluster/link.js';
import { gatewayValues, mirrorValues } from '../domain/multicluster/values.js';
import {
  GATEWAY,
  linkAccount,
  LOCAL_MIRROR,
  mirrorController,
  MULTICLUSTER_NAMESPACE,
} from '../domain/linkerd/names.js';
import { parseRender, renderMulticlusterScript } from '../domain/linkerd/render.js';
import { podsOf, staleControllers } from '../domain/multicluster/stale-controller.js';
import { deploymentState } from '../domain/kubernetes/workloads.js';
import type { Cluster, Gateway, Host } from '../contract/topology.js';
import { applied } from './changes.js';
import { guarded, type Work } from './activity.js';
import { applyPart } from './inventory.js';
import type { PathInput } from './leaf-path.js';
import type { KubernetesCluster, Ports } from '../parts/ports.js';
import { awaited } from './wait.js';
import { BROKER_SERVICE, mirrorService, NATS_NAMESPACE } from '../domain/nats/names.js';
import { refOf, type ObjectRef } from '../domain/kubernetes/objects.js';
import { mirrorState, type LinkStatus } from '../domain/multicluster/mirror.js';
import { hostAddresses, natsPolicy } from '../domain/multicluster/mesh-policy.js';

interface MulticlusterInput {
  server: Host;
  version: string;
  gateway: Gateway;
}

const WORKLOAD = { timeoutMs: 3 * 60_000, look: `kubectl -n ${MULTICLUSTER_NAMESPACE} get pods` };
const TOKEN = { timeoutMs: 60_000, look: `kubectl -n ${MULTICLUSTER_NAMESPACE} get secrets` };
const NODE = { timeoutMs: 60_000, look: 'kubectl get nodes -o yaml' };
const MIRROR = { timeoutMs: 3 * 60_000, look: `kubectl -n ${MULTICLUSTER_NAMESPACE} describe links` };

export const meshLinkActivities = ({ hosts, kubernetes, clock }: Ports) => {
  /** Linkerd's multicluster extension with the given values, and its Deployments up. */
  const ensureMulticluster = async (
    { server, version }: MulticlusterInput,
    values: object,
    deployments: string[],
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await kubernetes.cluster(server, work);
    const changes = await applyPart(cluster, {
      namespace: MULTICLUSTER_NAMESPACE,
      digest: createHash('sha256').update(JSON.stringify({ version, values })).digest('hex'),
      render: async () => {
        const script = renderMulticlusterScript(values);
        return parseRender((await hosts.run(server, script, { signal: work.signal, failFast: true })).stdout);
      },
    });
    await awaited(clock, server, work, WORKLOAD, async () => {
      const states = await Promise.all(deployments.map((name) => deploymentOf(cluster, name)));
      return states.find((state) => state !== undefined);
    });
    return applied(changes.applied, server, changes.removed);
  };

  const deploymentOf = async (cluster: KubernetesCluster, name: string): Promise<string | undefined> => {
    const state = deploymentState(await cluster.read<V1Deployment>(namespaced('apps/v1', 'Deployment', name)));
    return state === undefined ? undefined : `${name}: ${state}`;
  };

  const renewController = async (cluster: KubernetesCluster, server: Host, broker: string): Promise<string[]> => {
    const [ref] = linkRefs(broker);
    const [link, controller] = await Promise.all([
      ref && cluster.read(refOf(ref)),
      cluster.read<V1Deployment>(namespaced('apps/v1', 'Deployment', mirrorController(broker))),
    ]);
    const selector = podsOf(controller);
    const stale = selector === '' ? [] : staleControllers(link, await cluster.pods(MULTICLUSTER_NAMESPACE, selector));
    for (const pod of stale) await cluster.remove(namespaced('v1', 'Pod', pod));
    return stale.length === 0 ? [] : [`restarted ${mirrorController(broker)} on ${server.cluster}`];
  };

  /** Range of the pods on the cluster's one node. An adopted node may have another name than the host. */
  const podRange = async (cluster: KubernetesCluster, server: Host, work: Work): Promise<string> => {
    let range: string | undefined;
    await awaited(clock, server, work, NODE, async () => {
      const { body } = await cluster.get('/api/v1/nodes');
      const { items = [] } = JSON.parse(body) as { items?: V1Node[] };
      const node = items.find(({ metadata }) => metadata?.name === server.name) ?? items[0];
      range = node?.spec?.podCIDR;
      return range === undefined ? 'the node has no range for its pods' : undefined;
    });
    return range ?? '';
  };

  return {
    /** On the broker cluster: the gateway, and for each leaf cluster an account that sees the exported Services. */
    ensureGateway: guarded((input: MulticlusterInput & { leaves: string[] }, work) =>
      ensureMulticluster(input, gatewayValues(input.gateway, input.leaves), [GATEWAY, LOCAL_MIRROR], work),
    ),

    /** On a leaf cluster: the controller of its one link; it waits for the Link. */
    ensureMirrorController: guarded(({ broker, ...input }: MulticlusterInput & { broker: string }, work) =>
      ensureMulticluster(input, mirrorValues(broker, input.gateway), [LOCAL_MIRROR, mirrorController(broker)], work),
    ),

    /** The Link and its credentials, from the broker cluster's API to the leaf cluster's. */
    ensureLink: guarded(async ({ server, broker, gateway, version }: MulticlusterInput & { broker: Host }, work) => {
      const [there, here] = await Promise.all([kubernetes.cluster(broker, work), kubernetes.cluster(server, work)]);
      const account = linkAccount(server.cluster);
      let secret: V1Secret | undefined;
      await awaited(clock, broker, work, TOKEN, async () => {
        secret = await there.read<V1Secret>(namespaced('v1', 'Secret', `${account}-token`));
        return secret?.data?.['token'] === undefined ? `Secret ${account}-token has no token yet` : undefined;
      });
      const { token = '', 'ca.crt': ca = '' } = secret?.data ?? {};
      const link: LinkSpec = { broker: broker.cluster, address: broker.externalAddress, gateway, version };
      const changes = await here.apply(linkObjects(link, { token, ca, account }));
      return { changed: [...applied(changes, server).changed, ...(await renewController(here, server, link.broker))] };
    }),

    /** Until the exported Service is mirrored and leads to the gateway. */
    awaitMirror: guarded(async ({ server, broker, gateway }: PathInput, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const [linkRef] = linkRefs(broker.cluster);
      const mirror = { metadata: { name: mirrorService(broker.cluster), namespace: NATS_NAMESPACE }, apiVersion: 'v1' };
      await awaited(clock, server, work, MIRROR, async () => {
        const [link, service, endpoints] = await Promise.all([
          linkRef && cluster.read<LinkStatus>(refOf(linkRef)),
          cluster.read<V1Service>({ ...mirror, kind: 'Service' }),
          cluster.read<V1Endpoints>({ ...mirror, kind: 'Endpoints' }),
        ]);
        return mirrorState(BROKER_SERVICE, link, service, endpoints, `${broker.externalAddress}:${gateway.port}`);
      });
      return { changed: [] };
    }),

    /** Closes the NATS ports to unmeshed peers. */
    ensureMeshPolicy: guarded(async ({ server, role }: { server: Host; role: Cluster['role'] }, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const addresses = hostAddresses(await podRange(cluster, server, work), server.internalAddress);
      return applied(await cluster.apply(natsPolicy(role, addresses)), server);
    }),
  };
};

const namespaced = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace: MULTICLUSTER_NAMESPACE },
});
