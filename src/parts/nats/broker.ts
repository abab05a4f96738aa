import type { Step } from '../../contract/plan.js';
import type { Scope } from '../../contract/topology/scope.js';
import type { KubernetesObject } from '@kubernetes/client-node';
import { namespacesIn } from '../../domain/accounts/accounts.js';
import { linkUsers, subjectsOf } from '../../domain/nats/accounts-conf.js';
import { accountsWithOtherRules, BROKER_APP, BROKER_WORKLOAD, brokerObjects } from '../../domain/nats/broker.js';
import { ACCOUNTS_ANNOTATION } from '../../domain/nats/objects/manifests.js';
import { brokerConf, type BrokerConf } from '../../domain/nats/conf.js';
import type { NodePorts } from '../../domain/nats/objects/external-ports.js';
import { BROKER_SERVER } from '../../domain/pki/profiles.js';
import { actOnObjects, decideObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { objectName } from '../objects/object-name.js';
import { part, touching } from '../part.js';
import type { Site } from '../site.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import { decideReload, isReload, reloadCertificates, renewalOf, startsPod } from './reload/certificate-reload.js';
import { reloadConfiguration, runsOther, seeLoaded } from './reload/configuration-reload.js';
import { brokerChecks } from './checks/broker-checks.js';
import { serviceDoor, type BrokerDoor } from './clients.js';
import { GRACE_SECONDS, isThere, leavesGone, podsGone, removeWorkload, seeEnding } from './leaves/departures.js';
import { cutOffLeaves, renewLinks, seeFormerLeaves, type FormerLeaf } from './leaves/former-leaves.js';
import { withDataVolume } from './data-volume.js';
import type { StreamHeld } from '../../domain/nats/streams/jsz.js';
import { endsPod, removeFormerStreams, seeFormerStreams, takeOut } from './streams/former-accounts.js';
import { storesOf } from './streams/stores.js';
import type { Dress } from './dress.js';
import { servedIfUp } from './reload/served.js';

const CONFIGURATION = 'configuration of the broker';
const CONFIG_MAP = `ConfigMap/${BROKER_APP}-config`;
const CONNECTION_OF = 'connection of ';

const RELOAD: Step = { verb: 'reload', object: CONFIGURATION, because: 'the broker runs with another one' };

const cutOff = ({ user }: FormerLeaf): Step => ({
  verb: 'delete',
  object: `${CONNECTION_OF}${user}`,
  because: 'the topology does not have this leaf',
});

const LINKS_OF = 'links of account ';

const renewed = (account: string): Step => ({
  verb: 'restart',
  object: `${LINKS_OF}${account}`,
  because: 'an open link keeps the rules that it began with',
});

const isNotWorkload = ({ object }: Step): boolean => object !== objectName(BROKER_WORKLOAD);

function changedLinks(objects: readonly ObjectSeen[]): string[] {
  const seen = objects.find(({ wanted: { kind } }) => kind === BROKER_WORKLOAD.kind);
  const rules = (object: KubernetesObject | undefined): string | undefined =>
    object?.metadata?.annotations?.[ACCOUNTS_ANNOTATION];
  return accountsWithOtherRules(rules(seen?.live), rules(seen?.wanted));
}

export interface BrokerMeans {
  dress: Dress;
  /** Where clients get in. */
  door: BrokerDoor;
  /** Ports of the host that lead to it; undefined: none. */
  opens: (scope: Scope) => NodePorts | undefined;
}

interface Facts {
  /** What is wanted, with what the server can have without a restart. */
  conf: BrokerConf;
  objects: ObjectSeen[];
  /** Of accounts that the topology does not have. */
  formerStreams: StreamHeld[];
  runs: boolean;
  /** The running broker has another configuration than the one that is wanted. */
  runsOther: boolean;
  /** Accounts whose open links go by rules of before. */
  changed: string[];
  formerLeaves: FormerLeaf[];
  /** Pods that are still there without their workload. */
  ending: string[];
  /** PEM: what is wanted, and what the running broker shows. */
  server: string;
  served: string | undefined;
}

const portNames = (ports: Partial<NodePorts> = {}): (keyof NodePorts)[] =>
  (['client', 'leaf'] as const).filter((name) => ports[name] !== undefined);

const confOf = ({ cluster, leaves, settings: { nats } }: Scope) => ({
  ...subjectsOf(nats),
  cluster: cluster.name,
  leaves,
});

const wantedOf = (scope: Scope, ports: NodePorts | undefined) => ({
  ...confOf(scope),
  image: scope.settings.nats.images.server,
  open: portNames(ports),
  podCidr: scope.settings.k3s.clusterCidr,
  namespaces: namespacesIn(scope.settings.nats.accounts ?? [], scope.cluster),
});

/** The NATS broker of the hub. A leaf that joins or leaves is a reload, never a restart. */
export const broker = ({ dress, door, opens }: BrokerMeans) =>
  part({
    name: 'broker',
    title: 'run the NATS broker',
    phase: 'link',
    needs: ['nats-secrets', 'images', 'linkerd', 'mesh-policy'],
    livesIn: 'cluster',
    leavesFirst: true,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => wantedOf(scope, opens(scope)),

    look: async (site, topology, goal): Promise<Facts> => {
      const wanted = { ...topology, jetstream: await storesOf(site) };
      const server = await plannedMaterial(site, BROKER_SERVER);
      const volume = { app: BROKER_APP, role: 'broker', goal } as const;
      const all = dress(await withDataVolume(site, volume, brokerObjects({ ...wanted, server, sha256 })));
      const objects = await seeObjects(site, all, goal);
      const runs = isThere(objects, BROKER_WORKLOAD);
      const [loaded, formerLeaves, formerStreams, served] =
        runs && goal === 'present'
          ? await Promise.all([
              seeLoaded(site, BROKER_APP),
              seeFormerLeaves(site, linkUsers(wanted)),
              seeFormerStreams(site),
              servedIfUp(serviceDoor(site)),
            ])
          : [undefined, [], []];
      const ending = goal === 'absent' ? await seeEnding(site, objects, BROKER_WORKLOAD) : [];
      const other = runsOther(loaded, brokerConf(wanted));
      const changed = runs ? changedLinks(objects) : [];
      return {
        conf: wanted,
        objects,
        formerStreams,
        runs,
        runsOther: other,
        changed,
        formerLeaves,
        ending,
        server: server.certificate,
        served,
      };
    },

    decide: stepsFor,

    renew: (steps, { served, server }) => renewalOf(steps, { served, workload: BROKER_WORKLOAD }, server),

    undo: ({ objects, ending }) => removeWorkload(objects, ending),

    act: actOnBroker,

    checks: (scope) => brokerChecks(scope, door),
  });

function stepsFor({
  objects,
  formerStreams,
  runs,
  runsOther: other,
  changed,
  formerLeaves,
  server,
  served,
}: Facts): Step[] {
  const steps = decideObjects(objects);
  // A file that was changed manually reaches the pod at any time, so the steps do not depend on whether it has.
  const reloads = other || (runs && touching(steps, CONFIG_MAP) !== undefined);
  const certificates = runs ? decideReload({ served, steps, workload: BROKER_WORKLOAD }, server) : [];
  return [
    ...takeOut(formerStreams),
    ...steps,
    ...certificates,
    ...(reloads ? [RELOAD] : []),
    // Another pod has no open links.
    ...(startsPod(touching(steps, objectName(BROKER_WORKLOAD))) ? [] : changed.map(renewed)),
    ...formerLeaves.map(cutOff),
  ];
}

async function actOnBroker(
  site: Site,
  steps: readonly Step[],
  { conf, objects, formerStreams, changed, server }: Facts,
): Promise<void> {
  await removeFormerStreams(site, steps, formerStreams);
  // First: an annotation that was applied would hide a reload that was cut off.
  if (steps.some(isReload)) await reloadCertificates(serviceDoor(site), { app: BROKER_APP, all: [server] });
  if (touching(steps, objectName(BROKER_WORKLOAD))?.verb === 'delete') await leavesGone(site, conf.leaves);
  if (steps.some(({ object }) => object.startsWith(LINKS_OF))) {
    // The annotation comes last: one that was applied would hide links that were not renewed.
    await actOnObjects(site, steps.filter(isNotWorkload), objects);
    await reloadConfiguration(site, BROKER_APP, brokerConf(conf));
    await renewLinks(site, changed);
  }
  await actOnObjects(site, steps, objects, { graceSeconds: GRACE_SECONDS });
  if (touching(steps, CONFIGURATION) !== undefined) await reloadConfiguration(site, BROKER_APP, brokerConf(conf));
  if (steps.some(({ object }) => object.startsWith(CONNECTION_OF))) await cutOffLeaves(site, linkUsers(conf));
  else if (steps.some(endsPod)) await podsGone(site, BROKER_APP);
}
