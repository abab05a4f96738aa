import { isLinked, usersIn, usersServed } from '../accounts/accounts.js';
import {
  linkCertificate,
  linkRole,
  managerCertificate,
  managerRole,
  userCertificate,
  userRole,
} from '../accounts/names.js';
import type { Account } from '../../contract/topology/topology.js';
import {
  BROKER_SERVICE,
  BROKER_CLIENT_SERVICE,
  LEAF_SERVICE,
  mirrorService,
  MONITOR_NAME,
  natsUser,
  keyedRole,
  leafRole,
  ROLES,
  serviceNames,
  type LeafKeys,
} from '../nats/names.js';

/** What a certificate must say. Lifetimes in days. All keys are ECDSA P-256, which Linkerd requires of its issuers. */
export interface CertificateProfile {
  commonName: string;
  /** A CA certificate, with the number of CAs that may follow it. */
  ca?: { pathLength: number };
  usages: ('serverAuth' | 'clientAuth')[];
  dns: string[];
  ips: string[];
  days: number;
}

const DAYS_CA = 3_650;
const DAYS_ISSUER = 730;
const DAYS_END_ENTITY = 365;

/** Start of validity lies this far in the past, since clocks of hosts differ. */
export const BACKDATE_MINUTES = 5;
/** What has less time left is renewed by a provision. Linkerd and the checks warn from here on. */
export const RENEW_BEFORE_DAYS = 60;

const ca = (commonName: string, pathLength: number, days: number, dns: string[] = []): CertificateProfile => ({
  commonName,
  ca: { pathLength },
  usages: [],
  dns,
  ips: [],
  days,
});

const server = (commonName: string, dns: string[], ips: string[]): CertificateProfile => ({
  commonName,
  usages: ['serverAuth'],
  dns: [...new Set([...dns, 'localhost'])],
  ips: [...new Set([...ips, '127.0.0.1'])],
  days: DAYS_END_ENTITY,
});

/** @param commonName at most 64 characters (RFC 5280); NATS looks at the DNS name only */
const client = (role: string, commonName = role): CertificateProfile => ({
  commonName,
  usages: ['clientAuth'],
  dns: [natsUser(role)],
  ips: [],
  days: DAYS_END_ENTITY,
});

/** One certificate of a topology. `signer` is the name of another one; absent for the two roots. */
export interface CertificateSpec {
  /** Path below the topology's secrets without a suffix: `nats/ca` has `nats/ca.crt` and `nats/ca.key`. */
  name: string;
  profile: CertificateProfile;
  signer?: string;
  /** The user may import one instead, under its own name. */
  importable?: true;
}

export const TRUST_ANCHOR = 'linkerd/trust-anchor';
export const NATS_CA = 'nats/ca';
export const BROKER_SERVER = 'nats/broker/server';
/** Of the broker's monitoring, as the edge shows it. */
export const MONITOR_SERVER = 'nats/monitor/server';
export const issuerOf = (cluster: string): string => `linkerd/issuer-${cluster}`;
export const leafServer = (cluster: string): string => `nats/leaf/server-${cluster}`;
export const clientOf = (role: string): string => `nats/clients/${role}`;

export interface PkiSpec {
  topology: string;
  broker: string;
  brokerAddresses: string[];
  leaves: string[];
  accounts: readonly Account[];
  /** Absent: each leaf has its first. */
  leafKeys?: LeafKeys | undefined;
  /** Whether NATS servers keep streams, which leafspan makes with certificates of its own. Default: no. */
  jetstream?: boolean;
  /** Whether the broker's monitoring is open to someone. Default: no. */
  monitoring?: boolean;
}

/** Every certificate of a topology, signers first. */
export function certificatesOf({
  broker,
  brokerAddresses,
  leaves,
  accounts,
  leafKeys,
  jetstream = false,
  monitoring = false,
}: PkiSpec): CertificateSpec[] {
  const brokerNames = [BROKER_SERVICE, BROKER_CLIENT_SERVICE, mirrorService(broker)].flatMap(serviceNames);
  return [
    // Linkerd's own names: root.linkerd.cluster.local and identity.linkerd.cluster.local are what its checks expect.
    { name: TRUST_ANCHOR, profile: ca('root.linkerd.cluster.local', 1, DAYS_CA) },
    ...[broker, ...leaves].map((cluster) => ({
      name: issuerOf(cluster),
      profile: ca('identity.linkerd.cluster.local', 0, DAYS_ISSUER, ['identity.linkerd.cluster.local']),
      signer: TRUST_ANCHOR,
    })),
    { name: NATS_CA, profile: ca('leafspan NATS CA', 0, DAYS_CA), importable: true },
    { name: BROKER_SERVER, profile: server('nats-broker', brokerNames, brokerAddresses), signer: NATS_CA },
    ...(monitoring
      ? [{ name: MONITOR_SERVER, profile: server(MONITOR_NAME, [MONITOR_NAME], brokerAddresses), signer: NATS_CA }]
      : []),
    ...leaves.map((leaf) => ({
      name: leafServer(leaf),
      profile: server('nats-leaf', serviceNames(LEAF_SERVICE), []),
      signer: NATS_CA,
    })),
    ...leaves.map((leaf) => ({
      name: clientOf(leafRole(leaf)),
      profile: client(keyedRole(leafRole(leaf), leaf, leafKeys), leafRole(leaf)),
      signer: NATS_CA,
    })),
    ...ROLES.map((role) => ({ name: clientOf(role), profile: client(role), signer: NATS_CA })),
    ...accounts.flatMap((account) => accountCertificates(account, broker, leaves, leafKeys)),
    ...(jetstream ? accounts.flatMap((account) => managerCertificates(account, broker, leaves)) : []),
  ];
}

/** One for each user and place, and one for each link. */
function accountCertificates(
  account: Account,
  broker: string,
  leaves: readonly string[],
  leafKeys: LeafKeys | undefined,
): CertificateSpec[] {
  const users = [
    ...usersServed(account, { name: broker, role: 'broker' }),
    ...leaves.flatMap((name) => usersIn(account, { name, role: 'leaf' })),
  ];
  return [
    ...users.map((user) => ({
      name: userCertificate(user),
      profile: client(userRole(user), user.name),
      signer: NATS_CA,
    })),
    ...leaves
      .filter((leaf) => isLinked(account, leaf))
      .map((leaf) => ({
        name: linkCertificate(account.name, leaf),
        profile: client(keyedRole(linkRole(account.name, leaf), leaf, leafKeys), 'leaf'),
        signer: NATS_CA,
      })),
  ];
}

/** One for each NATS server that has the account. */
const managerCertificates = (account: Account, broker: string, leaves: readonly string[]) =>
  [broker, ...leaves.filter((leaf) => isLinked(account, leaf))].map((site) => ({
    name: managerCertificate(account.name, site),
    profile: client(managerRole(account.name, site), 'leafspan'),
    signer: NATS_CA,
  }));
