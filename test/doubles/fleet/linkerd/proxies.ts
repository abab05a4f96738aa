import { createHash } from 'node:crypto';
import {
  GATEWAY_IDENTITY,
  INJECT,
  LINKERD_NAMESPACE,
  PROXY_CONTAINER,
  TRUST_ROOT,
} from '../../../../src/domain/linkerd/names.js';
import { mirrorHost, NATS_PORTS } from '../../../../src/domain/nats/names.js';
import type { ClusterModel } from '../cluster/cluster-model.js';
import type { PodTemplate } from '../cluster/objects.js';
import type { HostModel } from '../hosts/host-model.js';
import { linkOf, linksAt } from '../nats/links.js';
import type { World } from '../world.js';
import { LINKERD_VERSION } from './manifests.js';

const injectorIsUp = (cluster: ClusterModel): boolean =>
  cluster.isUp('Deployment', 'linkerd-proxy-injector', LINKERD_NAMESPACE);

/** The pod as the injector leaves it: unchanged where it is not asked for, or not there. */
export function injected(cluster: ClusterModel, template: PodTemplate): PodTemplate {
  if (template.metadata?.annotations?.[INJECT] !== 'enabled' || !injectorIsUp(cluster)) return template;
  const roots = cluster.read({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'linkerd-identity-trust-roots', namespace: LINKERD_NAMESPACE },
  });
  const trustRoot = createHash('sha256')
    .update(roots?.data?.['ca-bundle.crt'] ?? '')
    .digest('hex');
  const annotations = {
    ...template.metadata.annotations,
    [TRUST_ROOT]: trustRoot,
    'linkerd.io/proxy-version': LINKERD_VERSION,
  };
  const initContainers = [{ name: PROXY_CONTAINER, restartPolicy: 'Always' }];
  return { metadata: { ...template.metadata, annotations }, spec: { ...template.spec, initContainers } };
}

const open = (labels: Record<string, string>): string =>
  `tcp_open_connections{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}} 1\n`;

/** Metrics of the proxy beside the hub's broker. */
export const brokerMetrics = (world: World, hub: HostModel): string =>
  linksAt(world, hub)
    .map(() =>
      open({
        direction: 'inbound',
        peer: 'src',
        target_addr: `10.42.0.7:${NATS_PORTS.leaf}`,
        tls: 'true',
        client_id: GATEWAY_IDENTITY,
      }),
    )
    .join('');

/** Metrics of the proxy beside a leaf node. */
export function leafMetrics(world: World, leaf: HostModel): string {
  const link = linkOf(world, leaf);
  if (link?.gateway === undefined) return '';
  return open({
    direction: 'outbound',
    peer: 'dst',
    authority: `${mirrorHost(link.gateway.hubName)}:${NATS_PORTS.leaf}`,
    target_addr: `${link.gateway.address}:${link.gateway.port}`,
    tls: 'true',
    server_id: GATEWAY_IDENTITY,
  });
}
