import { X509Certificate } from 'node:crypto';
import { EXTERNAL_PORTS } from '../../../../src/domain/nats/objects/external-ports.js';
import { mirrorHost, NATS_NAMESPACE, NATS_PORTS } from '../../../../src/domain/nats/names.js';
import { SECRETS } from '../../../../src/domain/nats/objects/secrets.js';
import type { ClusterModel } from '../cluster/cluster-model.js';
import type { HostModel } from '../hosts/host-model.js';
import { mirrorOf, type Mirror } from '../linkerd/mirror.js';
import type { World } from '../world.js';

/** The link of a leaf node, as both ends see it. */
export interface Link {
  leaf: HostModel;
  hub: HostModel;
  /** Name of the leaf node's server, and of the broker's. */
  server: string;
  broker: string;
  /** What the leaf node dialled. */
  address: string;
  port: number;
  /** The way through Linkerd's gateway; undefined: the link goes past it. */
  gateway: Mirror | undefined;
  /** User that the broker maps the leaf node's certificate to. */
  user: string;
  upAt: number;
}

/** A link that was up stays so until one of its ends changes. */
const known = new WeakMap<HostModel, { state: string; link: Link }>();

/** The link that the leaf node holds; undefined: none, for whatever reason. */
export function linkOf(world: World, leaf: HostModel): Link | undefined {
  const before = known.get(leaf);
  if (before !== undefined && before.state === stateOf(leaf, before.link.hub) && passes(world, before.link))
    return before.link;
  const link = dial(world, leaf);
  if (link === undefined || Date.now() < link.upAt) return undefined;
  known.set(leaf, { state: stateOf(leaf, link.hub), link });
  return link;
}

/** Whether the network lets it through: to the gateway, or to the port that the leaf node dials. */
const passes = (world: World, { leaf, hub, gateway, port }: Link): boolean =>
  world.passes(leaf, hub.address, gateway?.port ?? port);

export const linksAt = (world: World, hub: HostModel): Link[] =>
  [...world.hosts].flatMap((leaf) => {
    const link = leaf === hub ? undefined : linkOf(world, leaf);
    return link?.hub === hub ? [link] : [];
  });

/** Another text: one of the ends has changed. */
const stateOf = (leaf: HostModel, hub: HostModel): string =>
  [
    ...[leaf, hub].flatMap(({ k3s, cluster }) => [k3s.readyAt, cluster.store.version]),
    hub.cluster.broker.settle()?.loadedAt,
  ].join(' ');

function dial(world: World, leaf: HostModel): Link | undefined {
  const process = leaf.cluster.leafNode.settle();
  const remote = process && remoteOf(world, leaf, process.loaded);
  const broker = remote?.hub.cluster.broker.settle();
  if (process === undefined || remote === undefined || broker === undefined) return undefined;
  const user = userOf(leaf.cluster, remote.hub.cluster);
  if (user === undefined || !admits(broker.loaded, user)) return undefined;
  const { openAt, ...to } = remote;
  const link = {
    ...to,
    ...{ leaf, user },
    server: serverNameIn(process.loaded),
    broker: serverNameIn(broker.loaded),
    upAt: Math.max(process.since, broker.since, broker.loadedAt, openAt) + leaf.linkMs,
  };
  return passes(world, link) ? link : undefined;
}

interface Remote extends Pick<Link, 'hub' | 'address' | 'port' | 'gateway'> {
  /** Since when it leads to the broker. */
  openAt: number;
}

/** Where the leaf node's address leads: to a port of the hub's host, or by a mirrored Service to its gateway. */
function remoteOf(world: World, leaf: HostModel, conf: string): Remote | undefined {
  const [, name = '', digits] = /url: "tls:\/\/([^":]+):(\d+)"/.exec(conf) ?? [];
  const port = Number(digits);
  const hub = world.hostAt(name);
  if (hub === undefined) {
    const mirror = mirrorOf(world, leaf);
    if (mirror === undefined || name !== mirrorHost(mirror.hubName)) return undefined;
    return { hub: mirror.hub, address: mirror.clusterIp, port, gateway: mirror, openAt: mirror.upAt };
  }
  const openAt = leafPortOpenedAt(hub.cluster, port);
  return openAt === undefined ? undefined : { hub, address: name, port, gateway: undefined, openAt };
}

const serverNameIn = (conf: string): string => /^server_name: "([^"]+)"$/m.exec(conf)?.[1] ?? '';

/** When the host's port began to lead to the broker's port for leaf nodes. */
function leafPortOpenedAt({ store }: ClusterModel, nodePort: number): number | undefined {
  const stored = store.find(EXTERNAL_PORTS);
  const ports = stored && store.live(stored).spec?.ports;
  const leads = ports?.some((port) => port.nodePort === nodePort && port.port === NATS_PORTS.leaf);
  return leads === true ? stored?.createdAt : undefined;
}

/** The DNS name of the leaf node's certificate, when the CA that the broker knows has signed it. */
function userOf(leaf: ClusterModel, hub: ClusterModel): string | undefined {
  const [own, ca] = [certificateIn(leaf, SECRETS.leafClient, 'tls.crt'), certificateIn(hub, SECRETS.broker, 'ca.crt')];
  if (own === undefined || ca === undefined || !own.verify(ca.publicKey)) return undefined;
  return /^DNS:(\S+)$/.exec(own.subjectAltName ?? '')?.[1];
}

function certificateIn(cluster: ClusterModel, name: string, key: string): X509Certificate | undefined {
  const metadata = { name, namespace: NATS_NAMESPACE };
  const pem = cluster.read({ apiVersion: 'v1', kind: 'Secret', metadata })?.data?.[key];
  return pem === undefined ? undefined : new X509Certificate(Buffer.from(pem, 'base64'));
}

/** Users by the configuration that names them; few configurations are in use at once. */
const usersOf = new Map<string, ReadonlySet<string>>();

function admits(conf: string, user: string): boolean {
  const users = usersOf.get(conf) ?? new Set([...conf.matchAll(/user: "([^"]+)"/g)].map(([, name = '']) => name));
  if (!usersOf.has(conf)) usersOf.clear();
  usersOf.set(conf, users);
  return users.has(user);
}
