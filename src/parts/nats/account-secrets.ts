import type { V1Secret } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import type { Step } from '../../contract/plan.js';
import { usersIn, type UserAt } from '../../domain/accounts/accounts.js';
import { userCertificate } from '../../domain/accounts/names.js';
import type { ManifestObject } from '../../domain/kubernetes/objects.js';
import {
  applicationNamespace,
  secretsIn,
  USER_SECRETS_PATH,
  userSecretIn,
} from '../../domain/nats/objects/user-secrets.js';
import { objectName } from '../objects/object-name.js';
import {
  actOnObjects,
  decideObjects,
  removeObjects,
  secretsOnly,
  seeObjects,
  type ObjectSeen,
} from '../objects/objects.js';
import { part } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { Site } from '../site.js';

interface Facts {
  /** Namespaces that the topology names and that are not there. */
  missing: ManifestObject[];
  secrets: ObjectSeen[];
  /** Of users that are no longer here. */
  former: ObjectSeen[];
}

/** Certificates of the user's applications, in the namespaces that the topology names. */
export const accountSecrets = part({
  name: 'account-secrets',
  title: 'give applications their certificates',
  phase: 'clusters',
  needs: ['k3s', 'certificates'],
  needsHub: ['certificates'],
  livesIn: 'cluster',
  wanted: ({ cluster, settings: { nats } }) => (nats.accounts ?? []).flatMap((account) => usersIn(account, cluster)),

  look: async (site, users, goal): Promise<Facts> => {
    const wanted = (await Promise.all(users.map((user) => secretsOf(site, user)))).flat();
    const missing = goal === 'present' ? await missingNamespaces(site, wanted) : [];
    const absent = new Set(missing.map(({ metadata: { name } }) => name));
    const [unseen, seeable] = split(wanted, ({ metadata: { namespace = '' } }) => absent.has(namespace));
    const seen = await seeObjects(site, seeable, goal);
    return {
      missing,
      secrets: [...seen, ...unseen.map((object) => ({ wanted: object, live: undefined, applied: undefined }))],
      former: await formerSecrets(site, goal === 'present' ? wanted : []),
    };
  },

  decide: ({ missing, secrets, former }) => [
    ...missing.map((object): Step => ({
      verb: 'create',
      object: objectName(object),
      because: 'the topology names it',
    })),
    ...decideObjects(secrets),
    ...removeObjects(former).map((step) => ({ ...step, because: 'the topology has no such user here' })),
  ],

  renew: secretsOnly,

  undo: ({ former }) => removeObjects(former),

  act: (site, steps, { missing, secrets, former }) =>
    actOnObjects(site, steps, [
      ...missing.map((object) => ({ wanted: object, live: undefined, applied: undefined })),
      ...secrets,
      ...former,
    ]),
});

async function secretsOf(site: Site, user: UserAt): Promise<ManifestObject[]> {
  if (user.secretIn.length === 0) return [];
  const material = await plannedMaterial(site, userCertificate(user));
  return user.secretIn.map((namespace) => userSecretIn(namespace, user, material));
}

async function missingNamespaces(site: Site, secrets: readonly ManifestObject[]): Promise<ManifestObject[]> {
  const kube = await site.kubeIfUp();
  const names = [...new Set(secrets.map(({ metadata: { namespace = '' } }) => namespace))];
  const found = await Promise.all(names.map(async (name) => kube?.read(applicationNamespace(name))));
  return names.filter((_, index) => found[index] === undefined).map(applicationNamespace);
}

/** Secrets of users that are not wanted. Without an API to ask there are none. */
async function formerSecrets(site: Site, wanted: readonly ManifestObject[]): Promise<ObjectSeen[]> {
  const kube = await site.kubeIfUp();
  const { status, body } = (await kube?.get(USER_SECRETS_PATH)) ?? { status: 0, body: '' };
  if (status !== 200) return [];
  const names = new Set(wanted.map(objectName));
  return secretsIn(parseObject<{ items?: V1Secret[] }>(body, {}).items ?? [])
    .filter((object) => !names.has(objectName(object)))
    .map((object) => ({ wanted: object, live: object, applied: object }));
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
