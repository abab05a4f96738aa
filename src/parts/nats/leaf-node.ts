import type { Step } from '../../contract/plan.js';
import type { Scope } from '../../contract/topology/scope.js';
import type { ReachTarget } from '../../domain/hosts/reach.js';
import { accountsOfLeaf, namespacesIn } from '../../domain/accounts/accounts.js';
import { linkCertificate } from '../../domain/accounts/names.js';
import { subjectsOf } from '../../domain/nats/accounts-conf.js';
import { leafConf, type LeafConf } from '../../domain/nats/conf.js';
import { LEAF_APP, LEAF_WORKLOAD, leafNodeObjects } from '../../domain/nats/leaf-node.js';
import { ACCOUNTS_ANNOTATION } from '../../domain/nats/objects/manifests.js';
import { leafRole, NATS_NAMESPACE } from '../../domain/nats/names.js';
import { clientOf, leafServer } from '../../domain/pki/profiles.js';
import { actOnObjects, decideObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { objectName } from '../objects/object-name.js';
import { part, touching } from '../part.js';
import type { Site } from '../site.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import type { Check } from '../check.js';
import { leafChecks } from './checks/leaf-checks.js';
import { reloadConfiguration } from './reload/configuration-reload.js';
import {
  changes,
  decideReload,
  isReload,
  reloadCertificates,
  renewalOf,
  startsPod,
  type Certificates,
} from './reload/certificate-reload.js';
import { leafDoor, type BrokerDoor } from './clients.js';
import { GRACE_SECONDS, isThere, podsGone, removeWorkload, seeEnding } from './leaves/departures.js';
import { withDataVolume } from './data-volume.js';
import type { StreamHeld } from '../../domain/nats/streams/jsz.js';
import { endsPod, removeFormerStreams, seeFormerStreams, takeOut } from './streams/former-accounts.js';
import { storesOf } from './streams/stores.js';
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
  /** What the edge is to do for, or to, the leaf's host. */
  edgeChecks: (scope: Scope) => Check[];
}

interface Facts {
  /** What is wanted, with what the server can have without a restart. */
  conf: LeafConf;
  objects: ObjectSeen[];
  /** Of accounts that the topology does not have. */
  formerStreams: StreamHeld[];
  runs: boolean;
  formerPath: string[];
  /** Pods that are still there without their workload. */
  ending: string[];
  certificates: Certificates;
  /** PEM: what the running server shows. */
  served: string | undefined;
}

const VOLUME = { app: LEAF_APP, role: 'leaf' } as const;
const CONFIG_MAP = `ConfigMap/${LEAF_APP}-config`;
const CONFIGURATION = 'configuration of the leaf node';
const RELOAD: Step = { verb: 'reload', object: CONFIGURATION, because: 'the leaf node runs with another one' };
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${LEAF_APP}-0`, namespace: NATS_NAMESPACE } };

const wantedOf = ({ cluster, settings: { nats } }: Scope) => ({
  ...subjectsOf(nats),
  cluster: cluster.name,
  image: nats.images.server,
  namespaces: namespacesIn(nats.accounts ?? [], cluster),
});

/** The NATS leaf node. Its link to the broker is its own to make: it dials until there is one. */
export const leafNode = (means: LeafMeans) =>
  part({
    name: 'leaf-node',
    title: 'run the NATS leaf node',
    phase: 'messaging',
    // The cluster's DNS remembers for 5 s that the mirrored Service was not there, so nothing asks for it before.
    needs: ['nats-secrets', 'images', 'linkerd', 'mesh-policy', 'link', 'mirror-controller'],
    livesIn: 'cluster',
    leavesFirst: true,
    dials: means.dials,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => ({ ...wantedOf(scope), remote: means.remote(scope), path: means.path(scope) }),

    look: async (site, { path, ...topology }, goal): Promise<Facts> => {
      const wanted = { ...topology, jetstream: await storesOf(site) };
      const accounts = accountsOfLeaf(wanted.accounts, wanted.cluster).map(({ name }) => name);
      const [server, client, ...linked] = await Promise.all([
        plannedMaterial(site, leafServer(wanted.cluster)),
        plannedMaterial(site, clientOf(leafRole(wanted.cluster))),
        ...accounts.map((account) => plannedMaterial(site, linkCertificate(account, wanted.cluster))),
      ]);
      const links = linked.map(({ certificate }) => certificate);
      const spec = { ...wanted, server, client, links, sha256 };
      const wantedObjects = await withDataVolume(site, { ...VOLUME, goal }, leafNodeObjects(spec));
      const objects = await seeObjects(site, means.dress(wantedObjects), goal);
      const runs = isThere(objects, LEAF_WORKLOAD);
      const looks = runs && goal === 'present';
      const [formerPath, formerStreams, served] = await Promise.all([
        looks && path !== undefined ? seeFormerPath(site, path) : [],
        looks ? seeFormerStreams(site) : [],
        looks ? servedIfUp(leafDoor(site)) : undefined,
      ]);
      return {
        conf: wanted,
        objects,
        formerStreams,
        runs,
        formerPath,
        certificates: { app: LEAF_APP, all: [server.certificate, client.certificate, ...links], accounts },
        served,
        ending: goal === 'absent' ? await seeEnding(site, objects, LEAF_WORKLOAD) : [],
      };
    },

    decide: stepsFor,

    renew: (steps, { served, certificates }) =>
      renewalOf(steps, { served, workload: LEAF_WORKLOAD }, certificates.all[0]),

    undo: ({ objects, ending }) => removeWorkload(objects, ending),

    act: actOnLeafNode,

    checks: (scope) => [...leafChecks(scope, means.door), ...means.edgeChecks(scope)],
  });

const isNotWorkload = ({ object }: Step): boolean => object !== objectName(LEAF_WORKLOAD);

function stepsFor({ objects, formerStreams, runs, formerPath, certificates, served }: Facts): Step[] {
  const steps = [...takeOut(formerStreams), ...decideObjects(objects)];
  const workload = touching(steps, objectName(LEAF_WORKLOAD));
  if (!runs || startsPod(workload)) return steps;
  if (formerPath.length > 0)
    return [
      ...steps,
      {
        verb: 'restart',
        object: objectName(POD),
        because: `its link goes by ${formerPath.join(', ')}, which is no longer the route`,
      },
    ];
  const renewal = decideReload({ served, steps, workload: LEAF_WORKLOAD }, certificates.all[0]);
  // A file that was changed manually reaches the pod at any time, so the steps do not depend on whether it has.
  const reloads = touching(steps, CONFIG_MAP) !== undefined || changes(workload, ACCOUNTS_ANNOTATION);
  return [...steps, ...renewal, ...(reloads ? [RELOAD] : [])];
}

async function actOnLeafNode(
  site: Site,
  steps: readonly Step[],
  { conf, objects, formerStreams, certificates }: Facts,
): Promise<void> {
  await removeFormerStreams(site, steps, formerStreams);
  // First: an annotation that was applied would hide a reload that was cut off.
  if (steps.some(isReload)) await reloadCertificates(leafDoor(site), certificates);
  if (touching(steps, CONFIGURATION) !== undefined) {
    await actOnObjects(site, steps.filter(isNotWorkload), objects);
    await reloadConfiguration(site, LEAF_APP, leafConf(conf));
  }
  await actOnObjects(site, steps, objects, { graceSeconds: GRACE_SECONDS });
  if (touching(steps, objectName(POD))?.verb === 'restart') await (await site.kube()).remove(POD);
  if (steps.some(endsPod)) await podsGone(site, LEAF_APP);
}
