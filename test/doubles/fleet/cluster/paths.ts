import { MULTICLUSTER_NAMESPACE } from '../../../../src/domain/linkerd/names.js';
import { metricsPath } from '../../../../src/domain/multicluster/connections.js';
import { monitorPath } from '../../../../src/domain/nats/monitor.js';
import { varzPath } from '../../../../src/domain/nats/reload.js';
import { connectionsOfPath, CONNZ_PATH } from '../../../../src/domain/nats/strangers.js';
import { K3S_VERSION } from '../bundle.js';
import type { HostModel } from '../hosts/host-model.js';
import { digestOf } from '../hosts/scripts-nats.js';
import { brokerMetrics, leafMetrics } from '../linkerd/proxies.js';
import { linkOf, linksAt, type Link } from '../nats/links.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import { selects } from './workloads.js';

interface Answer {
  status: number;
  body: string;
}

const json = (body: object): Answer => ({ status: 200, body: JSON.stringify(body) });
const text = (status: number, body: string): Answer => ({ status, body });
const condition = (type: string, holds: boolean) => ({
  status: { conditions: [{ type, status: holds ? 'True' : 'False' }] },
});

const LEAFZ = { broker: monitorPath('nats-broker', 'leafz'), leaf: monitorPath('nats-leaf', 'leafz') };
const NO_POD = text(503, 'no endpoints available');
const RTT = '1.2ms';

const PATHS: Readonly<Record<string, (world: World, host: HostModel) => Answer>> = {
  '/readyz': () => text(200, 'ok'),
  '/api/v1/nodes': (_, { name, cluster }) =>
    json({
      items: [{ metadata: { name }, spec: { podCIDR: '10.42.0.0/24' }, ...condition('Ready', cluster.nodeIsReady) }],
    }),
  '/apis/apps/v1/namespaces/kube-system/deployments/coredns': (_, { cluster: { nodeIsReady } }) =>
    json({ metadata: { name: 'coredns' }, status: { updatedReplicas: 1, availableReplicas: nodeIsReady ? 1 : 0 } }),
  '/api/v1/namespaces/default/serviceaccounts/default': () => json({ metadata: { name: 'default' } }),
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes': (_, { address }) =>
    json({ endpoints: [{ addresses: [address] }] }),
  [varzPath('nats-broker')]: (_, { cluster }) => {
    const process = cluster.broker.settle();
    return process === undefined ? NO_POD : json({ config_digest: digestOf(process.loaded) });
  },
  [CONNZ_PATH]: (world, host) => connections(host, linksAt(world, host)),
  [LEAFZ.broker]: (world, host) => {
    if (host.cluster.broker.settle() === undefined) return NO_POD;
    const leafs = linksAt(world, host).map(({ leaf, server }) => ({
      name: server,
      account: 'APP',
      is_spoke: false,
      rtt: RTT,
      ip: leaf.address,
      port: 40_000,
    }));
    return json({ leafnodes: leafs.length, leafs });
  },
  [LEAFZ.leaf]: (world, host) => {
    if (host.cluster.leafNode.settle() === undefined) return NO_POD;
    const link = linkOf(world, host);
    if (link === undefined) return json({ leafnodes: 0, leafs: [] });
    const { broker: name, address: ip, port } = link;
    return json({ leafnodes: 1, leafs: [{ name, account: 'APP', is_spoke: true, rtt: RTT, ip, port }] });
  },
  '/api/v1/events?limit=500': (world) =>
    json({ items: world.events === '' ? [] : [{ involvedObject: { kind: 'Pod', name: 'x' }, message: world.events }] }),
  '/version': () => json({ gitVersion: K3S_VERSION }),
  [metricsPath('nats-broker')]: (world, host) => text(200, brokerMetrics(world, host)),
  [metricsPath('nats-leaf')]: (world, host) => text(200, leafMetrics(world, host)),
};

/** Links as the broker lists its connections. */
function connections({ name, cluster }: HostModel, links: readonly Link[]): Answer {
  if (cluster.broker.settle() === undefined) return NO_POD;
  const all = links.map(({ user }, at) => ({
    cid: at + 1,
    kind: 'Leafnode',
    authorized_user: user,
    account: 'APP',
    rtt: RTT,
  }));
  return json({ server_id: `N${name}`, connections: all });
}

const OF_USER = connectionsOfPath('');

/** Of one user; the product asks for the users of leaf nodes. */
const connectionsOf = (world: World, hub: HostModel, user: string): Answer =>
  connections(
    hub,
    [...world.hosts].flatMap((host) => {
      const link = `leaf-${host.clusterName}.nats.local` === user ? linkOf(world, host) : undefined;
      return link?.hub === hub ? [link] : [];
    }),
  );

const ACCOUNTS = `/api/v1/namespaces/${MULTICLUSTER_NAMESPACE}/serviceaccounts?labelSelector=`;

/** ServiceAccounts by their labels. */
function accounts({ cluster: { store } }: HostModel, selector: string): Answer {
  const items = store
    .all('ServiceAccount')
    .filter(({ object: { metadata } }) => metadata.namespace === MULTICLUSTER_NAMESPACE)
    .filter(({ object: { metadata } }) => selects(selector, metadata.labels ?? {}))
    .map(({ object }) => object);
  return json({ items });
}

export function respondToGet(world: World, host: HostModel, path: string): Answer {
  if (path.startsWith(ACCOUNTS)) return accounts(host, decodeURIComponent(path.slice(ACCOUNTS.length)));
  if (path.startsWith(OF_USER)) return connectionsOf(world, host, decodeURIComponent(path.slice(OF_USER.length)));
  const found = PATHS[path];
  return found === undefined ? unmodelled(`GET ${path}`) : found(world, host);
}
