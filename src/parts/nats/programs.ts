import type { Scope } from '../../contract/topology/scope.js';
import { deploymentState } from '../../domain/kubernetes/workloads.js';
import { NATS_NAMESPACE } from '../../domain/nats/names.js';
import { hasDemo } from '../../domain/accounts/accounts.js';
import { programObjects, programWorkload, type ProgramSpec } from '../../domain/nats/objects/programs.js';
import { clientOf } from '../../domain/pki/profiles.js';
import type { Check } from '../check.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects } from '../objects/objects.js';
import { part } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import type { Site } from '../site.js';
import { awaited } from '../waiting/wait.js';
import { workloadState } from '../objects/workload.js';
import { receivesPublisher } from './checks/messages.js';
import type { Dress } from './dress.js';

const RUNNING = {
  timeoutMs: 3 * 60_000,
  look: `kubectl -n ${NATS_NAMESPACE} get events --sort-by=.lastTimestamp`,
};

/** A demo program at the NATS server of its cluster. It waits for that server itself. */
const program = (app: ProgramSpec['app'], dress: Dress, checks: (scope: Scope) => Check[]) =>
  part({
    name: app,
    title: `run the ${app}`,
    phase: 'messaging',
    // As the leaf node: it asks for that one's Service, and the cluster's DNS remembers for 5 s what was not there.
    needs: ['nats-secrets', 'images', 'linkerd', 'mirror-controller'],
    livesIn: 'cluster',
    images: ({ settings: { nats } }) => [nats.images.box],
    wanted: ({ cluster, settings: { nats } }) => ({
      app,
      isWanted: hasDemo(nats),
      cluster: cluster.name,
      image: nats.images.box,
      subject: nats.subject,
      publishEverySeconds: nats.publishEverySeconds,
    }),
    look: async (site, { isWanted, ...wanted }, goal) => {
      const client = await plannedMaterial(site, clientOf(app));
      return seeObjects(site, dress(programObjects({ ...wanted, client, sha256 })), isWanted ? goal : 'absent');
    },
    decide: (seen, { isWanted }) =>
      isWanted
        ? decideObjects(seen)
        : removeObjects(seen).map((step) => ({ ...step, because: 'the topology has no demonstration' })),
    undo: removeObjects,
    act: async (site, steps, seen) => {
      await actOnObjects(site, steps, seen);
      if (steps.some(({ verb }) => verb !== 'delete')) await running(site, app);
    },
    checks,
  });

async function running(site: Site, app: ProgramSpec['app']): Promise<void> {
  await awaited(site, RUNNING, () => workloadState(site, programWorkload(app), deploymentState));
}

export const publisher = (dress: Dress) => program('publisher', dress, () => []);

export const subscriber = (dress: Dress) =>
  program('subscriber', dress, (scope) => (hasDemo(scope.settings.nats) ? [receivesPublisher(scope)] : []));
