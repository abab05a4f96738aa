import { serverOf, type Cluster, type Topology } from '../../../contract/topology/topology.js';
import { hasDemo, usersIn, usersOutside, type UserAt } from '../../../domain/accounts/accounts.js';
import { userCertificate } from '../../../domain/accounts/names.js';
import { inboxPrefixOf } from '../../../domain/accounts/permissions.js';
import { inboxPrefix } from '../../../domain/nats/names.js';
import { clientOf } from '../../../domain/pki/profiles.js';
import { usage } from '../../failure.js';
import type { Address } from '../../access/reach.js';

/** Who connects: a certificate of the topology, and where its replies go. */
export interface NatsUser {
  certificate: string;
  inboxes: string;
}

/** Users of every topology. The demo's two see and send the demo's messages; sys sees the server. */
const ROLES = { demo: ['subscriber', 'publisher'], always: ['sys'] };

/** @throws ProvisionError USAGE */
export function natsUser(topology: Topology, cluster: Cluster, wanted: string | undefined): NatsUser {
  const roles = [...(hasDemo(topology.nats) ? ROLES.demo : []), ...ROLES.always];
  const users = usersAt(topology, cluster);
  const names = [...roles, ...new Set(users.map(nameOf))];
  const [first = ''] = hasDemo(topology.nats) ? roles : users.map(nameOf);
  const chosen = wanted ?? first;
  const user = users.find((each) => nameOf(each) === chosen);
  if (user !== undefined) return { certificate: userCertificate(user), inboxes: inboxPrefixOf(user) };
  if (roles.includes(chosen)) return { certificate: clientOf(chosen), inboxes: inboxPrefix(cluster.name) };
  throw usage(`"${chosen}" is no user at cluster "${cluster.name}"`, `pass --user with one of: ${names.join(', ')}`);
}

const nameOf = ({ account, name }: UserAt): string => `${account}/${name}`;

const usersAt = ({ nats: { accounts = [] } }: Topology, cluster: Cluster): UserAt[] =>
  accounts.flatMap((account) => [
    ...usersIn(account, cluster),
    ...(cluster.role === 'broker' ? usersOutside(account) : []),
  ]);

/** Where clients outside get in; only the broker has such a port. */
export const edgeOf = ({ nats }: Topology, cluster: Cluster): Address | undefined =>
  cluster.role === 'leaf' || nats.edge === 'none'
    ? undefined
    : { address: serverOf(cluster).externalAddress, port: nats.clientNodePort };
