import type { V1CustomResourceDefinition, V1Deployment, V1Endpoints, V1Pod, V1Service } from '@kubernetes/client-node';
import { isProvisionError } from '../contract/errors.js';
import type { MeshPod, MeshWorld, MirrorSeen } from '../domain/checks/world.js';
import { parseReach, reachScript } from '../domain/hosts/reach.js';
import {
  gatewaysScript,
  linkerdCheckScript,
  multiclusterCheckScript,
  parseFindings,
  parseGateways,
} from '../domain/linkerd/check-output.js';
import { metricsPath, parseConnections } from '../domain/multicluster/connections.js';
import { DIAL_APP, dialPod, parseDial } from '../domain/multicluster/dial-pod.js';
import { GATEWAY_API_VERSION } from '../domain/linkerd/gateway-api-version.js';
import { GATEWAY_API_MARK } from '../domain/linkerd/gateway-api.js';
import { linkRefs } from '../domain/multicluster/link.js';
import { LINKERD_NAMESPACE, TRUST_ROOT } from '../domain/linkerd/names.js';
import { hasProxy } from '../domain/linkerd/proxy.js';
import { linkerdVersionScript } from '../domain/linkerd/render.js';
import { clusterNamed, serverOf, type Host, type Topology } from '../contract/topology.js';
import type { KubernetesCluster, Ports } from '../parts/ports.js';
import { until } from './wait.js';
import { BROKER_SERVICE, mirrorService, NATS_NAMESPACE } from '../domain/nats/names.js';
import { refOf, type ObjectRef } from '../domain/kubernetes/objects.js';
import { endpointsOf, mirrorState, type LinkStatus } from '../domain/multicluster/mirror.js';

const DIAL_TIMEOUT_MS = 60_000;
const PROXY_VERSION = 'linkerd.io/proxy-version';

/** What the checks of link mode mesh ask of the hosts and of the API servers. */
export function meshWorld(
  { hosts, kubernetes, clock }: Pick<Ports, 'hosts' | 'kubernetes' | 'clock'>,
  topology: Topology,
  signal: AbortSignal,
): MeshWorld {
  const server = (cluster: string): Host => serverOf(clusterNamed(topology, cluster));
  const api = (cluster: string): Promise<KubernetesCluster> => kubernetes.cluster(server(cluster), { signal });
  const broker = topology.broker.name;
  const printed = async (cluster: string, script: string): Promise<string> =>
    (await hosts.run(server(cluster), script, { signal, okCodes: [1] })).stdout;
  const natsPods = async (cluster: string): Promise<V1Pod[]> =>
    (await (await api(cluster)).pods(NATS_NAMESPACE, `app!=${DIAL_APP}`)).filter(
      ({ metadata }) => metadata?.deletionTimestamp === undefined,
    );

  return {
    reach: async (cluster, target) => parseReach(await printed(cluster, reachScript(target)))[0]?.state ?? 'filtered',
    linkerdFindings: async (cluster) =>
      parseFindings(await printed(cluster, linkerdCheckScript(topology.linkerd.version)), 'control-plane'),
    linkFindings: async (leaf) => parseFindings(await printed(leaf, multiclusterCheckScript), 'multicluster'),
    gateways: async (leaf) => parseGateways(await printed(leaf, gatewaysScript)),

    meshVersions: async (cluster) => {
      const kube = await api(cluster);
      const [cli, destination, pods, version, crd] = await Promise.all([
        printed(cluster, linkerdVersionScript),
        kube.read<V1Deployment>(named('apps/v1', 'Deployment', 'linkerd-destination', LINKERD_NAMESPACE)),
        natsPods(cluster),
        kube.get('/version'),
        kube.read<V1CustomResourceDefinition>(GATEWAY_API_MARK),
      ]);
      const images = destination?.spec?.template.spec?.containers.map(({ image }) => image ?? '') ?? [];
      const controller = images.find((image) => /\/controller:/.test(image)) ?? '';
      const dataPlane = pods.flatMap(({ metadata }) => metadata?.annotations?.[PROXY_VERSION] ?? []);
      return {
        cli: cli.trim(),
        controlPlane: controller.slice(controller.lastIndexOf(':') + 1),
        dataPlane: [...new Set(dataPlane)],
        kubernetes: (JSON.parse(version.body) as { gitVersion?: string }).gitVersion ?? '',
        gatewayApi: crd?.metadata?.annotations?.[GATEWAY_API_VERSION],
      };
    },

    meshPods: async (cluster) => (await natsPods(cluster)).map(meshPod),

    mirror: async (leaf): Promise<MirrorSeen> => {
      const kube = await api(leaf);
      const [link] = linkRefs(broker);
      const name = mirrorService(broker);
      const [status, service, endpoints] = await Promise.all([
        link && kube.read<LinkStatus>(refOf(link)),
        kube.read<V1Service>(named('v1', 'Service', name, NATS_NAMESPACE)),
        kube.read<V1Endpoints>(named('v1', 'Endpoints', name, NATS_NAMESPACE)),
      ]);
      return {
        lacking: mirrorState(BROKER_SERVICE, status, service, endpoints),
        endpoints: endpointsOf(endpoints),
        clusterIp: service?.spec?.clusterIP,
      };
    },

    proxyConnections: async (cluster) => {
      const app = cluster === broker ? 'nats-broker' : 'nats-leaf';
      const { status, body } = await (await api(cluster)).get(metricsPath(app));
      if (status !== 200) throw new Error(`the metrics of the proxy of ${app}-0 answered ${status}`);
      return parseConnections(body);
    },

    dialMirror: async (leaf, as) => {
      const kube = await api(leaf);
      const pod = dialPod({ as, broker, image: topology.nats.images.box });
      const { name } = pod.metadata;
      const pace = { timeoutMs: DIAL_TIMEOUT_MS, everyMs: 200, signal };
      // A check that was cut off leaves its pod behind.
      await until(clock, pace, async () =>
        (await kube.remove(pod, 0)) ? { ready: false, saw: `${name} is still there` } : { ready: true },
      );
      await kube.apply([pod]);
      try {
        let heard: string | undefined;
        await until(clock, pace, async () => {
          const phase = (await kube.read<V1Pod>(refOf(pod)))?.status?.phase ?? 'absent';
          // What it heard is in its log before its proxy has shut down.
          if (phase !== 'Pending') heard = parseDial(await logOf(kube, name));
          const ended = heard !== undefined || phase === 'Succeeded' || phase === 'Failed';
          return ended ? { ready: true } : { ready: false, saw: `${name} is ${phase}` };
        });
        return heard;
      } finally {
        // The next dial removes what stays; the first error is the one that counts.
        await kube.remove(pod, 0).catch(() => undefined);
      }
    },
  };
}

/** A container that has not started has no log, and the API says so by an error. */
async function logOf(kube: KubernetesCluster, pod: string): Promise<string> {
  try {
    return await kube.podLogs(NATS_NAMESPACE, pod, { sinceSeconds: DIAL_TIMEOUT_MS / 1_000 });
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return '';
    throw error;
  }
}

const named = (apiVersion: string, kind: string, name: string, namespace: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

const meshPod = ({ metadata, spec, status }: V1Pod): MeshPod => ({
  name: metadata?.name ?? '?',
  meshed: hasProxy(spec),
  ready: status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
  trustRoot: metadata?.annotations?.[TRUST_ROOT],
});
