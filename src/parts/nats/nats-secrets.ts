import { isHub } from '../../contract/scope.js';
import { namespace } from '../../domain/nats/manifests.js';
import { leafRole } from '../../domain/nats/names.js';
import { brokerSecrets, leafSecrets } from '../../domain/nats/secrets.js';
import { BROKER_SERVER, clientOf, leafServer } from '../../domain/pki/profiles.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects } from '../objects.js';
import { part } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { Dress } from './dress.js';

/** The namespace of NATS and every Secret that the cluster's role needs. Values go from the store to the API, nowhere else. */
export const natsSecrets = (dress: Dress) =>
  part({
    name: 'nats-secrets',
    title: 'create the namespace and its Secrets',
    phase: 'clusters',
    needs: ['k3s', 'certificates'],
    needsHub: ['certificates'],
    livesIn: 'cluster',
    wanted: (scope) => ({ hub: isHub(scope), cluster: scope.cluster.name }),
    look: async (site, { hub, cluster }) => {
      const of = (name: string) => plannedMaterial(site, name);
      const secrets = hub
        ? brokerSecrets({ broker: await of(BROKER_SERVER), publisher: await of(clientOf('publisher')) })
        : leafSecrets({
            leaf: await of(leafServer(cluster)),
            leafClient: await of(clientOf(leafRole(cluster))),
            subscriber: await of(clientOf('subscriber')),
          });
      return seeObjects(site, dress([namespace(), ...secrets]));
    },
    decide: decideObjects,
    undo: removeObjects,
    act: (site, steps, seen) => actOnObjects(site, steps, seen),
  });
