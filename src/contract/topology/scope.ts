import { leafAddresses } from './leaf-addresses.js';
import { serverOf, type Cluster, type Gateway, type Host, type Topology } from './topology.js';

/**
 * What the work on one cluster knows of the topology: its settings, the hub, the cluster itself, and of the leaves no more
 * than their names. The input of an activity stays small however many leaves there are.
 */
export interface Scope {
  settings: Omit<Topology, 'leaves'>;
  /** The hub's work needs the names of all leaves, a leaf's work only its own. */
  leaves: readonly string[];
  /** From where the hub sees its leaves come. Only in the hub's own work, and only where it opens its firewall. */
  leafAddresses?: readonly string[];
  cluster: Cluster;
}

/** A topology without its leaves. */
export const settingsOf = (topology: Topology): Scope['settings'] => hubScope(topology).settings;

export function hubScope({ leaves, ...settings }: Topology): Scope {
  const scope = { settings, leaves: leaves.map(({ name }) => name), cluster: settings.broker };
  return settings.firewall === 'manage'
    ? { ...scope, leafAddresses: leafAddresses({ broker: settings.broker, leaves }) }
    : scope;
}

export const leafScope = (settings: Omit<Topology, 'leaves'>, leaf: Cluster): Scope => ({
  settings,
  leaves: [leaf.name],
  cluster: leaf,
});

export const isHub = ({ cluster }: Pick<Scope, 'cluster'>): boolean => cluster.role === 'broker';

export const hostOf = ({ cluster }: Scope): Host => serverOf(cluster);
export const hubHostOf = ({ settings }: Scope): Host => serverOf(settings.broker);

/** What is looked for where a topology has no gateway, or no longer has one: a removal asks for the parts of every mode. */
const NO_GATEWAY: Gateway = { exposure: 'loadBalancer', port: 4143, probePort: 4191 };

export const gatewayOf = ({ settings: { link } }: Scope): Gateway => ('gateway' in link ? link.gateway : NO_GATEWAY);
