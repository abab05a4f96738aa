import { gatewayOf, hubHostOf, isHub, type Scope } from '../contract/topology/scope.js';
import type { Cluster, Link, NatsSettings } from '../contract/topology/topology.js';
import { linkerdDownloads } from '../domain/artifacts/releases.js';
import { meshed } from '../domain/linkerd/meshed.js';
import { meshedEdge } from '../domain/edge/meshed.js';
import { edgeService } from '../domain/edge/objects.js';
import { externalPorts as service, type NodePorts } from '../domain/nats/objects/external-ports.js';
import { mirrorHost, mirrorService, NATS_PORTS } from '../domain/nats/names.js';
import { monitoringChecks } from './edge/checks/monitoring.js';
import { nginxEdge, noNginxEdge } from './edge/edge.js';
import { claim } from './host/claim.js';
import { firewall } from './host/firewall.js';
import { images } from './host/images.js';
import { k3s } from './host/k3s.js';
import { k3sFilesPart } from './host/k3s-files.js';
import { linkerdCommand, tools } from './host/tools.js';
import { kubeconfigs } from './host/kubeconfigs.js';
import { gatewayApi } from './mesh/gateway-api.js';
import { gateway } from './mesh/gateway.js';
import { link } from './mesh/link/link.js';
import { linkerdCrds } from './mesh/linkerd-crds.js';
import { linkerd } from './mesh/linkerd.js';
import { meshPolicy } from './mesh/mesh-policy.js';
import { mirrorController } from './mesh/mirror-controller.js';
import { multicluster } from './mesh/multicluster.js';
import { accountSecrets } from './nats/account-secrets.js';
import { broker } from './nats/broker.js';
import { externalDoor, serviceDoor, type BrokerDoor } from './nats/clients.js';
import type { Dress } from './nats/dress.js';
import { externalPorts, type ExternalPorts } from './nats/external-ports.js';
import { leafNode, type LeafMeans } from './nats/leaf-node.js';
import { natsSecrets } from './nats/nats-secrets.js';
import { publisher, subscriber } from './nats/programs.js';
import { brokerStreams, leafStreams } from './nats/streams/streams.js';
import type { Part } from './part.js';
import { certificates } from './pki/certificates.js';

/** What a link mode means for the parts that every mode has. */
export interface LinkMeans extends Omit<LeafMeans, 'door' | 'edgeChecks'> {
  /** What it adds to the objects of NGINX. */
  dressEdge: Dress;
  /** Ports of the hub's host that lead to the broker. */
  nodePorts: (scope: Scope) => NodePorts;
  /** Names of command-line tools that are parts of their own, since the mode is installed by them. */
  commands: readonly string[];
}

const MEANS: Readonly<Record<Link['mode'], LinkMeans>> = {
  // The leaf node dials the broker's external port; only NATS's own mutual TLS protects it.
  direct: {
    dress: (objects) => [...objects],
    dressEdge: (objects) => [...objects],
    remote: (scope) => `${hubHostOf(scope).externalAddress}:${scope.settings.nats.leafNodePort}`,
    dials: (scope) => {
      const { externalAddress: address } = hubHostOf(scope);
      const { leafNodePort, clientNodePort } = scope.settings.nats;
      return [
        { address, port: leafNodePort },
        { address, port: clientNodePort, optional: true },
      ];
    },
    path: () => undefined,
    nodePorts: ({ settings: { nats } }) => ({ client: nats.clientNodePort, leaf: nats.leafNodePort }),
    commands: [],
  },
  // The leaf node dials the mirrored Service, and Linkerd's gateway carries it: mutual TLS in mutual TLS.
  mesh: {
    dress: (objects) => objects.map((object) => meshed(object)),
    dressEdge: (objects) => objects.map(meshedEdge),
    remote: ({ settings }) => `${mirrorHost(settings.broker.name)}:${NATS_PORTS.leaf}`,
    dials: () => [],
    path: (scope) => ({
      service: mirrorService(scope.settings.broker.name),
      mirror: `${mirrorHost(scope.settings.broker.name)}:${NATS_PORTS.leaf}`,
      gateway: `${hubHostOf(scope).externalAddress}:${gatewayOf(scope).port}`,
    }),
    nodePorts: ({ settings: { nats } }) => ({ client: nats.clientNodePort }),
    commands: ['linkerd'],
  },
};

/** What an edge means for the parts that every edge has. */
interface EdgeMeans {
  /** Where clients get in at the broker. */
  door: BrokerDoor;
  /** Whether ports of the hub's host lead straight to the broker. */
  isOpen: boolean;
  /** Of leaf clusters. */
  edgeChecks: LeafMeans['edgeChecks'];
}

const EDGES: Readonly<Record<NatsSettings['edge'], EdgeMeans>> = {
  nodePort: { door: externalDoor, isOpen: true, edgeChecks: () => [] },
  nginx: { door: externalDoor, isOpen: false, edgeChecks: monitoringChecks },
  none: { door: serviceDoor, isOpen: false, edgeChecks: () => [] },
};

type PortsOf = (scope: Scope) => ExternalPorts;

const straight =
  (dress: Dress, nodePorts: LinkMeans['nodePorts']): PortsOf =>
  (scope) => {
    const numbers = nodePorts(scope);
    const plain = service(numbers);
    return { numbers, service: dress([plain])[0] ?? plain };
  };

const throughNginx =
  (nodePorts: LinkMeans['nodePorts']): PortsOf =>
  (scope) => {
    const { monitoring } = scope.settings.nats;
    const numbers = { ...nodePorts(scope), ...(monitoring === undefined ? {} : { https: monitoring.port }) };
    return { numbers, service: edgeService(numbers) };
  };

interface Row {
  part: (means: LinkMeans & EdgeMeans) => Part;
  /** Only on clusters of this role. */
  role?: Cluster['role'];
  /** Only in this link mode. */
  mode?: Link['mode'];
  /** Only with this edge. */
  edge?: NatsSettings['edge'];
  /** Only where the topology declares accounts, were it none: the part then takes out what an earlier one declared. */
  accounts?: true;
  /** Only where the hosts' firewalls are managed; what an earlier topology opened goes at the teardown. */
  firewall?: 'manage';
}

/**
 * Every part, in the order in which people read them. Nothing else asks for the link mode or the edge.
 */
const ROWS: readonly Row[] = [
  { part: () => certificates },
  { part: () => claim },
  { part: () => firewall, firewall: 'manage' },
  { part: () => k3sFilesPart },
  { part: () => k3s },
  { part: () => images(imagesOf) },
  {
    part: () =>
      linkerdCommand(
        (
          {
            settings: {
              linkerd: { version },
            },
          },
          arch,
          mirror,
        ) => linkerdDownloads(version, arch, mirror),
      ),
    mode: 'mesh',
  },
  { part: ({ commands }) => tools(commands) },
  { part: () => kubeconfigs },
  { part: ({ dress }) => natsSecrets(dress) },
  { part: () => accountSecrets, accounts: true },
  { part: () => gatewayApi, mode: 'mesh' },
  { part: () => linkerdCrds, mode: 'mesh' },
  { part: () => linkerd, mode: 'mesh' },
  { part: () => multicluster, mode: 'mesh' },
  { part: () => meshPolicy, mode: 'mesh' },
  { part: () => gateway, mode: 'mesh', role: 'broker' },
  { part: () => mirrorController, mode: 'mesh', role: 'leaf' },
  { part: () => link, mode: 'mesh', role: 'leaf' },
  {
    part: ({ isOpen, nodePorts, ...means }) =>
      broker({ ...means, opens: (scope) => (isOpen ? nodePorts(scope) : undefined) }),
    role: 'broker',
  },
  { part: ({ dressEdge, nodePorts }) => nginxEdge(dressEdge, nodePorts), role: 'broker', edge: 'nginx' },
  { part: ({ nodePorts }) => externalPorts(throughNginx(nodePorts), ['nginx-edge']), role: 'broker', edge: 'nginx' },
  { part: ({ dress, nodePorts }) => externalPorts(straight(dress, nodePorts)), role: 'broker', edge: 'nodePort' },
  { part: () => externalPorts(() => undefined), role: 'broker', edge: 'none' },
  { part: () => noNginxEdge, role: 'broker', edge: 'nodePort' },
  { part: () => noNginxEdge, role: 'broker', edge: 'none' },
  { part: ({ dress }) => publisher(dress), role: 'broker' },
  { part: () => brokerStreams, role: 'broker', accounts: true },
  { part: leafNode, role: 'leaf' },
  { part: () => leafStreams, role: 'leaf', accounts: true },
  { part: ({ dress }) => subscriber(dress), role: 'leaf' },
];

/** Names of all parts; each has an activity that ensures and one that removes it. */
export const PART_NAMES: readonly string[] = [
  ...new Set(ROWS.map(({ part }) => part({ ...MEANS.direct, ...EDGES.nodePort }).name)),
];

/** The parts of a cluster. */
export function partsOf({ settings: { link, nats, firewall: managed }, cluster }: Scope): Part[] {
  return ROWS.filter(
    ({ role = cluster.role, mode = link.mode, edge = nats.edge, accounts, firewall: only = managed }) =>
      only === managed &&
      role === cluster.role &&
      mode === link.mode &&
      edge === nats.edge &&
      (accounts === undefined || nats.accounts !== undefined),
  ).map(({ part }) => part({ ...MEANS[link.mode], ...EDGES[nats.edge] }));
}

/** Images that the pods of a cluster run from, in the order of the parts. */
export function imagesOf(scope: Scope): string[] {
  return [...new Set(partsOf(scope).flatMap((part) => part.images?.(scope) ?? []))];
}

/** Every part that a cluster of this role may have had, whatever the link mode was when it was built. */
export function partsForRemoval({ settings: { link, nats }, cluster }: Scope): Part[] {
  const own = ROWS.filter(({ role = cluster.role }) => role === cluster.role).map(({ part }) =>
    part({ ...MEANS[link.mode], ...EDGES[nats.edge] }),
  );
  return [...new Map(own.map((part) => [part.name, part])).values()];
}

/** Names of the cluster's parts that parts of leaves wait for. */
export function awaitedOn(scope: Scope): ReadonlySet<string> {
  if (!isHub(scope)) return new Set();
  const [leaf] = scope.leaves;
  if (leaf === undefined) return new Set();
  const cluster: Cluster = { ...scope.cluster, name: leaf, role: 'leaf' };
  return new Set(partsOf({ ...scope, cluster }).flatMap(({ needsHub = [] }) => needsHub));
}

/** Images that the pods of the hub and of its leaves run from. */
export function imagesOfAll(scope: Scope): string[] {
  const roles: readonly Cluster['role'][] = ['broker', 'leaf'];
  return [...new Set(roles.flatMap((role) => imagesOf({ ...scope, cluster: { ...scope.cluster, role } })))];
}

/** A part that the cluster has or may have had. @throws RangeError for a name that it never has */
export function partNamed(scope: Scope, name: string): Part {
  const found = [...partsOf(scope), ...partsForRemoval(scope)].find((part) => part.name === name);
  if (found === undefined) throw new RangeError(`cluster "${scope.cluster.name}" has no part "${name}"`);
  return found;
}
