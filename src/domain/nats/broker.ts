import type { Account } from '../../contract/topology/topology.js';
import { linkRules } from '../accounts/permissions.js';
import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import type { Sha256 } from '../kubernetes/pods.js';
import { linkUsers } from './accounts-conf.js';
import { brokerConf, brokerStart, type BrokerConf } from './conf.js';
import { configMap, natsServer, service, serviceAccount, type TlsMaterial } from './objects/manifests.js';
import { dataClaim, dataClaimName, jetStreamMemoryMiB } from './streams/jetstream.js';
import { brokerMemoryMiB } from './memory.js';
import { BROKER_CLIENT_SERVICE, BROKER_SERVICE, NATS_NAMESPACE, NATS_PORTS } from './names.js';
import { clientsOf, networkPolicy, outsideOf } from './objects/network-policy.js';
import { SECRETS } from './objects/secrets.js';

export const BROKER_APP = 'nats-broker';

export const BROKER_WORKLOAD: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: BROKER_APP, namespace: NATS_NAMESPACE },
};

export interface BrokerSpec extends BrokerConf {
  image: string;
  /** Ports that lead to it from outside the cluster. */
  open: readonly ('client' | 'leaf')[];
  podCidr: string;
  /** Of applications, whose pods may reach it. */
  namespaces: readonly string[];
  server: Pick<TlsMaterial, 'certificate' | 'ca'>;
  sha256: Sha256;
}

/** The broker, in the order of its apply. */
export const brokerObjects = ({
  image,
  server,
  sha256,
  open,
  podCidr,
  namespaces,
  ...conf
}: BrokerSpec): ManifestObject[] => [
  serviceAccount(BROKER_APP),
  configMap(BROKER_APP, brokerConf(conf)),
  // Leaf nodes and clients have a Service each: what is exported to other clusters carries only 7422.
  service(BROKER_SERVICE, BROKER_APP, [{ name: 'leaf', port: NATS_PORTS.leaf }]),
  service(BROKER_CLIENT_SERVICE, BROKER_APP, [{ name: 'client', port: NATS_PORTS.client }]),
  service(`${BROKER_APP}-headless`, BROKER_APP, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
  networkPolicy(BROKER_APP, [clientsOf('publisher', namespaces), ...outsideOf(podCidr, open)]),
  ...(conf.jetstream === undefined ? [] : [dataClaim(BROKER_APP, 'broker', conf.jetstream)]),
  natsServer({
    app: BROKER_APP,
    account: BROKER_APP,
    image,
    ports: ['client', 'leaf', 'monitor'],
    secrets: { '/etc/nats-tls': SECRETS.broker },
    data: conf.jetstream === undefined ? undefined : dataClaimName(BROKER_APP),
    memoryMiB: brokerMemoryMiB(linkUsers(conf).length, jetStreamMemoryMiB('broker', conf.jetstream)),
    // Neither accounts nor certificates are in it: other ones are a reload and not a restart.
    checksum: sha256([brokerStart(conf), server.ca].join('\n')),
    certificates: sha256(server.certificate),
    accounts: linkRulesText(conf, sha256),
  }),
];

/** What crosses the links of each account, as `ORDERS=1a2b3c4d`: an open link keeps the rules that it began with. */
function linkRulesText({ accounts, cluster }: BrokerConf, sha256: Sha256): string | undefined {
  if (accounts.length === 0) return undefined;
  const digest = (account: Account): string =>
    sha256(JSON.stringify(linkRules(account, cluster, '{cluster}'))).slice(0, 8);
  return accounts.map((account) => `${account.name}=${digest(account)}`).join(' ');
}

/** Accounts whose links began with other rules, by two values of the annotation. */
export function accountsWithOtherRules(before: string | undefined, now: string | undefined): string[] {
  const rules = (text = ''): string[] => text.split(' ').filter((rule) => rule !== '');
  const known = new Set(rules(before).map((rule) => rule.split('=')[0] ?? ''));
  const same = new Set(rules(before));
  return rules(now)
    .filter((rule) => !same.has(rule))
    .map((rule) => rule.split('=')[0] ?? '')
    .filter((account) => known.has(account));
}
