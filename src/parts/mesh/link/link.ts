import type { V1Namespace } from '@kubernetes/client-node';
import { gatewayOf, hubHostOf, type Scope } from '../../../contract/topology/scope.js';
import { LINKERD_NAMESPACE } from '../../../domain/linkerd/names.js';
import { accountObjects } from '../../../domain/multicluster/accounts.js';
import { linkObjects, type LinkSpec } from '../../../domain/multicluster/link.js';
import { NATS_NAMESPACE } from '../../../domain/nats/names.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects, type ObjectSeen } from '../../objects/objects.js';
import { part } from '../../part.js';
import type { Site } from '../../site.js';
import { awaited } from '../../waiting/wait.js';
import { awaitCredentials, onHub, seeCredentials, stepsOnHub, unissued } from './account.js';
import { linkChecks } from '../checks/link.js';
import { formerGateways, gatewayAddress, seeMirror } from './mirror.js';
import { actOnController, restartController, seeControllers, type Controllers } from './controllers.js';

const NAMESPACE = { timeoutMs: 3 * 60_000, look: 'kubectl get namespaces' };
const MIRROR = { timeoutMs: 60_000, look: `kubectl -n ${NATS_NAMESPACE} get endpoints` };
const API_PORT = 6443;

interface Wanted {
  leaf: string;
  hub: string;
  link: LinkSpec;
}

interface Facts {
  /** On the hub. */
  account: ObjectSeen[];
  /** Credentials and Link, in the leaf cluster. */
  objects: ObjectSeen[];
  controllers: Controllers;
}

/**
 * Ties a leaf cluster to the hub, with an account of its own: its token goes from one API server to the other. It needs
 * no control plane on either side, so it is applied while those start.
 */
export const link = part({
  name: 'link',
  title: 'link the cluster to the hub',
  phase: 'link',
  needs: ['multicluster'],
  needsHub: ['multicluster'],
  livesIn: 'cluster',
  asksHub: true,
  dials: (scope) => {
    const { port, probePort } = gatewayOf(scope);
    const { externalAddress: address } = hubHostOf(scope);
    return [API_PORT, port, probePort].map((each) => ({ address, port: each }));
  },
  wanted: (scope: Scope): Wanted => {
    const { broker, linkerd } = scope.settings;
    const { externalAddress: address } = hubHostOf(scope);
    const spec = { broker: broker.name, address, gateway: gatewayOf(scope), version: linkerd.version };
    return { leaf: scope.cluster.name, hub: broker.name, link: spec };
  },

  // A removal works without the hub.
  look: async (site, { leaf, hub, link: spec }, goal): Promise<Facts> => {
    const [account, credentials] =
      goal === 'absent'
        ? [[], unissued(leaf)]
        : await Promise.all([seeObjects(site.hub, accountObjects(leaf), goal), seeCredentials(site.hub, leaf)]);
    const objects = await seeObjects(site, linkObjects(spec, credentials), goal);
    return { account, objects, controllers: await seeControllers(site, hub, objects) };
  },

  decide: ({ account, objects, controllers }, { hub }) => {
    const steps = decideObjects(objects);
    return [...onHub(decideObjects(account), hub), ...steps, ...restartController(steps, objects, controllers, hub)];
  },

  // The account is the hub's to remove: of a leaf that is taken out, the hub may be all that can be reached.
  undo: ({ objects }) => removeObjects(objects),

  act: async (site, steps, { account, objects, controllers }, { leaf, hub, link: spec }) => {
    if (steps.some(({ verb }) => verb === 'delete')) return actOnObjects(site, steps, objects);
    // A token whose account is not there is deleted.
    await inTurn(account, (object) => actOnObjects(site.hub, stepsOnHub(steps, hub), [object]));
    const issued = linkObjects(spec, await awaitCredentials(site.hub, leaf));
    const seen = objects.map((object, index) => ({ ...object, wanted: issued[index] ?? object.wanted }));
    const ofControlPlane = ({ wanted }: ObjectSeen): boolean => wanted.metadata.namespace === LINKERD_NAMESPACE;
    // The controller that sees the Link reads its credentials.
    await inTurn(
      seen.filter((object) => !ofControlPlane(object)),
      (object) => actOnObjects(site, steps, [object]),
    );
    await awaitNamespace(site);
    await actOnObjects(site, steps, seen.filter(ofControlPlane));
    await actOnController(site, steps, controllers, hub);
    if (controllers.all.length > 0) await awaitFormerGatewaysGone(site);
  },

  checks: linkChecks,
});

/** The control plane makes it, side by side with the Link. */
async function awaitNamespace(site: Site): Promise<void> {
  const kube = await site.kube();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LINKERD_NAMESPACE } };
  await awaited(site, NAMESPACE, async () =>
    (await kube.read<V1Namespace>(namespace)) === undefined ? `namespace ${LINKERD_NAMESPACE} is not there` : undefined,
  );
}

/** A leaf node that starts before the mirrored Service has left a former gateway links through that gateway again. */
async function awaitFormerGatewaysGone(site: Site): Promise<void> {
  await awaited(site, MIRROR, async () => formerGateways(await seeMirror(site), gatewayAddress(site.scope)));
}

async function inTurn<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await act(item);
}
