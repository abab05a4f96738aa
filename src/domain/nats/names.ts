export const NATS_NAMESPACE = 'nats-system';

/** Names under which the broker's Services and its mirror are dialled. */
export const BROKER_SERVICE = 'nats-broker';

export const BROKER_CLIENT_SERVICE = 'nats-broker-client';

export const LEAF_SERVICE = 'nats-leaf';

export const mirrorService = (broker: string): string => `${BROKER_SERVICE}-${broker}`;

/** A Service's name as it is dialled inside a cluster. */
export const serviceHost = (service: string): string => `${service}.${NATS_NAMESPACE}.svc.cluster.local`;

export const mirrorHost = (broker: string): string => serviceHost(mirrorService(broker));

export const BROKER_TLS_NAME = serviceHost(BROKER_SERVICE);

export const LEAF_TLS_NAME = serviceHost(LEAF_SERVICE);

/** NATS users are the DNS names of client certificates: `verify_and_map` never looks at a bare common name. */
export const natsUser = (role: string): string => `${role}.nats.local`;

export const leafRole = (cluster: string): string => `leaf-${cluster}`;

/** Numbers of leaves' key pairs, where they are not the first. */
export type LeafKeys = Readonly<Record<string, number>>;

/** Another number is another user: certificates of earlier ones open no link any more. */
export const keyedRole = (role: string, leaf: string, keys: LeafKeys = {}): string => {
  const key = Object.hasOwn(keys, leaf) ? keys[leaf] : undefined;
  return key === undefined || key === 1 ? role : `${key}.${role}`;
};

/**
 * Prefix of the inboxes of a cluster's clients, where replies arrive. Each cluster has its own, so that a leaf node sees the
 * replies to its own clients only.
 */
export const inboxPrefix = (cluster: string): string => `_INBOX.${cluster}`;

/** Roles in addition to the leaf nodes: the two demo programs, the prober of checks, the reader of the system account. */
export const ROLES = ['publisher', 'subscriber', 'probe', 'sys'] as const;

const SERVICE_SUFFIXES = ['', `.${NATS_NAMESPACE}`, `.${NATS_NAMESPACE}.svc`, `.${NATS_NAMESPACE}.svc.cluster.local`];

export const serviceNames = (service: string): string[] => SERVICE_SUFFIXES.map((suffix) => service + suffix);

/** An account for each leaf node: behind the gateway only it distinguishes one from another in the mesh. */
export const leafAccount = (leaf: string): string => `nats-leaf-${leaf}`;

/** Of the route to the broker's monitoring from outside, and on its certificate beside the addresses that people dial. */
export const MONITOR_NAME = 'nats-monitor';

export const NATS_PORTS = { client: 4222, leaf: 7422, monitor: 8222 } as const;

/** leafspan's own messages, which every link carries in both directions. */
export const PROBE_PREFIX = 'leafspan.probe';

/** The stream of a bench, in leafspan's own account. It is there while one runs. */
export const BENCH_STREAM = 'LEAFSPAN_BENCH';
