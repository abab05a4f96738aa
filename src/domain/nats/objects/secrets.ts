import type { ManifestObject } from '../../kubernetes/objects.js';
import { linkFile } from '../../accounts/names.js';
import { tlsSecret, type TlsMaterial } from './manifests.js';

export const SECRETS = {
  broker: 'nats-broker-tls',
  publisher: 'publisher-tls',
  leaf: 'nats-leaf-tls',
  leafClient: 'nats-leaf-client-tls',
  subscriber: 'subscriber-tls',
} as const;

export type BrokerMaterial = Record<'broker' | 'publisher', TlsMaterial>;
export interface LeafMaterial extends Record<'leaf' | 'leafClient' | 'subscriber', TlsMaterial> {
  /** Of the links of the user's accounts, by account. */
  links: Readonly<Record<string, TlsMaterial>>;
}

export const brokerSecrets = ({ broker, publisher }: BrokerMaterial): ManifestObject[] => [
  tlsSecret(SECRETS.broker, 'nats-broker', broker),
  tlsSecret(SECRETS.publisher, 'publisher', publisher),
];

/** All links have one Secret: another volume would be another pod, and an account must come without one. */
export const leafSecrets = ({ leaf, leafClient, links, subscriber }: LeafMaterial): ManifestObject[] => [
  tlsSecret(SECRETS.leaf, 'nats-leaf', leaf),
  tlsSecret(SECRETS.leafClient, 'nats-leaf', leafClient, linkFiles(links)),
  tlsSecret(SECRETS.subscriber, 'subscriber', subscriber),
];

const linkFiles = (links: LeafMaterial['links']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(links).flatMap(([account, { certificate, privateKey }]) => [
      [`${linkFile(account)}.crt`, certificate],
      [`${linkFile(account)}.key`, privateKey],
    ]),
  );
