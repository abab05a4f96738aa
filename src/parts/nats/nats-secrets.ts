import { isHub, type Scope } from '../../contract/topology/scope.js';
import { accountsOfLeaf } from '../../domain/accounts/accounts.js';
import { linkCertificate } from '../../domain/accounts/names.js';
import { namespace, type TlsMaterial } from '../../domain/nats/objects/manifests.js';
import { leafRole } from '../../domain/nats/names.js';
import { brokerSecrets, leafSecrets } from '../../domain/nats/objects/secrets.js';
import { BROKER_SERVER, clientOf, leafServer } from '../../domain/pki/profiles.js';
import type { ManifestObject } from '../../domain/kubernetes/objects.js';
import { awaitGone } from '../objects/gone.js';
import { actOnObjects, decideObjects, removeObjects, secretsOnly, seeObjects } from '../objects/objects.js';
import { objectName } from '../objects/object-name.js';
import { part, touching } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { Site } from '../site.js';
import type { Dress } from './dress.js';

/** The namespace and every Secret of the cluster's role; their values go from the store to the API server, nowhere else. */
export const natsSecrets = (dress: Dress) =>
  part({
    name: 'nats-secrets',
    title: 'create the namespace and its Secrets',
    phase: 'clusters',
    needs: ['k3s', 'certificates'],
    needsHub: ['certificates'],
    livesIn: 'cluster',
    wanted: (scope) => scope,
    look: async (site, scope, goal) => seeObjects(site, dress([namespace(), ...(await secretsOf(site, scope))]), goal),
    decide: decideObjects,
    renew: secretsOnly,
    undo: removeObjects,
    act: async (site, steps, seen) => {
      await actOnObjects(site, steps, seen);
      if (touching(steps, objectName(namespace()))?.verb === 'delete') await awaitGone(site, [namespace()]);
    },
  });

async function secretsOf(site: Site, scope: Scope): Promise<ManifestObject[]> {
  const material = (name: string): Promise<TlsMaterial> => plannedMaterial(site, name);
  const { name } = scope.cluster;
  if (isHub(scope)) {
    const [broker, publisher] = await Promise.all([material(BROKER_SERVER), material(clientOf('publisher'))]);
    return brokerSecrets({ broker, publisher });
  }
  const accounts = accountsOfLeaf(scope.settings.nats.accounts ?? [], name);
  const [leaf, leafClient, subscriber, ...links] = await Promise.all([
    material(leafServer(name)),
    material(clientOf(leafRole(name))),
    material(clientOf('subscriber')),
    ...accounts.map(async (account) => [account.name, await material(linkCertificate(account.name, name))] as const),
  ]);
  return leafSecrets({ leaf, leafClient, subscriber, links: Object.fromEntries(links) });
}
