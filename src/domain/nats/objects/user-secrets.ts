import type { V1Secret } from '@kubernetes/client-node';
import type { UserAt } from '../../accounts/accounts.js';
import { userRole, userSecret } from '../../accounts/names.js';
import type { ManifestObject, ObjectRef } from '../../kubernetes/objects.js';
import { partOf } from '../../kubernetes/pods.js';
import { natsUser } from '../names.js';
import { tlsSecret, type TlsMaterial } from './manifests.js';

/** Label of the Secrets that hold a user's certificate. */
const USER_LABEL = 'leafspan.io/nats-user';

/** All of them in a cluster, through the API server. */
export const USER_SECRETS_PATH = `/api/v1/secrets?labelSelector=${encodeURIComponent(USER_LABEL)}`;

/** A user's certificate in the namespace of its application. The user's name at NATS is an annotation, since a label is too short. */
export function userSecretIn(namespace: string, user: UserAt, material: TlsMaterial): ManifestObject {
  const name = userSecret(user);
  return {
    ...tlsSecret(name, name, material),
    metadata: {
      name,
      namespace,
      labels: { ...partOf(name), [USER_LABEL]: name },
      annotations: { 'leafspan.io/nats-name': natsUser(userRole(user)) },
    },
  };
}

/** A namespace that the topology names and that is not there. It is the application's: no label of ours, and it stays. */
export const applicationNamespace = (name: string): ManifestObject & ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

/** What identifies each Secret of a list that the API server sent. */
export const secretsIn = (items: readonly V1Secret[]): ManifestObject[] =>
  items.map(({ metadata }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: metadata?.name ?? '',
      namespace: metadata?.namespace ?? '',
      labels: metadata?.labels ?? {},
    },
  }));
