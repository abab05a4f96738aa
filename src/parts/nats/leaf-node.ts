import type { Step } from '../../contract/plan.js';
import type { Scope } from '../../contract/topology/scope.js';
import type { ReachTarget } from '../../domain/hosts/reach.js';
import { LEAF_APP, LEAF_WORKLOAD, leafNodeObjects } from '../../domain/nats/leaf-node.js';
import { leafRole, NATS_NAMESPACE } from '../../domain/nats/names.js';
import { clientOf, leafServer } from '../../domain/pki/profiles.js';
import { actOnObjects, decideObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { objectName } from '../objects/object-name.js';
import { part, touching } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import { leafChecks } from './checks/leaf-checks.js';
import {
  decideReload,
  isReload,
  reloadCertificates,
  startsPod,
  type Certificates,
} from './reload/certificate-reload.js';
import { leafDoor, type BrokerDoor } from './clients.js';
import { GRACE_SECONDS, isThere, podsGone, removeWorkload, seeEnding } from './leaves/departures.js';
import type { Dress } from './dress.js';
import { seeFormerPath, type LeafPath } from './leaves/leaf-path.js';
import { servedIfUp } from './reload/served.js';

/** What a link mode and an edge mean for a leaf node. */
export interface LeafMeans {
  dress: Dress;
  /** host:port that it dials. */
  remote: (scope: Scope) => string;
  /** What its host must reach, so that it can. */
  dials: (scope: Scope) => readonly ReachTarget[];
  /** The path that its link must take; undefined: straight to `remote`. */
  path: (scope: Scope) => LeafPath | undefined;
  /** Where clients get in at the broker. */
  door: BrokerDoor;
}

interface Facts {
  objects: ObjectSeen[];
  runs: boolean;
  formerPath: string[];
  /** Pods that are still there without their workload. */
  ending: string[];
  certificates: Certificates;
  /** PEM: what the running server shows. */
  served: string | undefined;
}

const CONFIG_MAP = `ConfigMap/${LEAF_APP}-config`;
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${LEAF_APP}-0`, namespace: NATS_NAMESPACE } };

/** The NATS leaf node. Its link to the broker is its own to make: it dials until there is one. */
export const leafNode = (means: LeafMeans) =>
  part({
    name: 'leaf-node',
    title: 'run the NATS leaf node',
    phase: 'messaging',
    // The cluster's DNS remembers for 5 s that the mirrored Service was not there, so nobody asks for it before.
    needs: ['nats-secrets', 'images', 'linkerd', 'mesh-policy', 'link', 'mirror-controller'],
    livesIn: 'cluster',
    leavesFirst: true,
    dials: means.dials,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => ({
      cluster: scope.cluster.name,
      subject: scope.settings.nats.subject,
      image: scope.settings.nats.images.server,
      remote: means.remote(scope),
      path: means.path(scope),
    }),

    look: async (site, { path, ...wanted }, goal): Promise<Facts> => {
      const [server, client] = await Promise.all([
        plannedMaterial(site, leafServer(wanted.cluster)),
        plannedMaterial(site, clientOf(leafRole(wanted.cluster))),
      ]);
      const objects = await seeObjects(site, means.dress(leafNodeObjects({ ...wanted, server, client, sha256 })), goal);
      const runs = isThere(objects, LEAF_WORKLOAD);
      const looks = runs && goal === 'present';
      const [formerPath, served] = await Promise.all([
        looks && path !== undefined ? seeFormerPath(site, path) : [],
        looks ? servedIfUp(leafDoor(site)) : undefined,
      ]);
      return {
        objects,
        runs,
        formerPath,
        certificates: [server.certificate, client.certificate],
        served,
        ending: goal === 'absent' ? await seeEnding(site, objects, LEAF_WORKLOAD) : [],
      };
    },

    decide: stepsFor,

    undo: ({ objects, ending }) => removeWorkload(objects, ending),

    act: async (site, steps, { objects, certificates }) => {
      // First: an annotation that was applied would hide a reload that was cut off.
      if (steps.some(isReload)) await reloadCertificates(leafDoor(site), LEAF_APP, certificates);
      await actOnObjects(site, steps, objects, { graceSeconds: GRACE_SECONDS });
      if (touching(steps, objectName(POD))?.verb === 'restart') await (await site.kube()).remove(POD);
      if (steps.some(({ verb }) => verb === 'delete')) await podsGone(site, LEAF_APP);
    },

    checks: (scope) => leafChecks(scope, means.door),
  });

function stepsFor({ objects, runs, formerPath, certificates, served }: Facts): Step[] {
  const steps = decideObjects(objects);
  if (!runs || startsPod(touching(steps, objectName(LEAF_WORKLOAD)))) return steps;
  const because = whyRestart(steps, formerPath);
  if (because !== undefined) return [...steps, { verb: 'restart', object: objectName(POD), because }];
  return [...steps, ...decideReload({ served, steps, workload: LEAF_WORKLOAD }, certificates[0])];
}

function whyRestart(steps: readonly Step[], formerPath: readonly string[]): string | undefined {
  if (formerPath.length > 0) return `its link goes by ${formerPath.join(', ')}, which is no longer the route`;
  // It may have started with a file that was changed manually, and a changed file does not restart the pod.
  return touching(steps, CONFIG_MAP) === undefined ? undefined : 'its configuration was another one';
}
