import type { ManifestObject } from '../../kubernetes/objects.js';
import { tlsSecret, type TlsMaterial } from './manifests.js';

export const SECRETS = {
  broker: 'nats-broker-tls',
  publisher: 'publisher-tls',
  leaf: 'nats-leaf-tls',
  leafClient: 'nats-leaf-client-tls',
  subscriber: 'subscriber-tls',
} as const;

export type BrokerMaterial = Record<'broker' | 'publisher', TlsMaterial>;
export type LeafMaterial = Record<'leaf' | 'leafClient' | 'subscriber', TlsMaterial>;

export const brokerSecrets = ({ broker, publisher }: BrokerMaterial): ManifestObject[] => [
  tlsSecret(SECRETS.broker, 'nats-broker', broker),
  tlsSecret(SECRETS.publisher, 'publisher', publisher),
];

export const leafSecrets = ({ leaf, leafClient, subscriber }: LeafMaterial): ManifestObject[] => [
  tlsSecret(SECRETS.leaf, 'nats-leaf', leaf),
  tlsSecret(SECRETS.leafClient, 'nats-leaf', leafClient),
  tlsSecret(SECRETS.subscriber, 'subscriber', subscriber),
];
