import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { linkerdImages } from '../domain/linkerd/images.js';
import { NATS_PORTS } from '../domain/nats/conf.js';
import { mirrorService, NATS_NAMESPACE } from '../domain/pki/profiles.js';
import { serverOf, type Gateway } from '../domain/topology/types.js';
import { HOST_WORK } from './activity-options.js';
import type { LinkMode } from './link-mode.js';
import { sideBySide } from './side-by-side.js';

const act = proxyActivities<Activities>(HOST_WORK);

/** The leaf node dials the mirrored Service, and Linkerd's gateway carries it: mutual TLS in mutual TLS. */
export const meshLink = (gateway: Gateway): LinkMode => ({
  images: ({ linkerd }) => linkerdImages(linkerd.version),

  onCluster: async ({ name, artifacts: source, linkerd: { version } }, host, step, imported) => {
    // CRDs need no image, so they are brought while K3s still imports.
    const prepared = await sideBySide([
      imported,
      () =>
        step('gateway-api', 'bring the CRDs of the Gateway API', (call) =>
          act.ensureGatewayApi.executeWithOptions(call, [{ host, source }]),
        ),
      () =>
        step('linkerd-crds', 'bring the CRDs of Linkerd', (call) =>
          act.ensureLinkerdCrds.executeWithOptions(call, [{ host }]),
        ),
    ]);
    const installed = await step('linkerd', 'install Linkerd', (call) =>
      act.ensureLinkerd.executeWithOptions(call, [{ topology: name, host, version }]),
    );
    const ready = await step('linkerd-ready', 'wait for Linkerd and prove its injector', (call) =>
      act.awaitLinkerd.executeWithOptions(call, [{ host }]),
    );
    return [...prepared, installed, ready];
  },

  onBrokerCluster: ({ broker, leaves, linkerd: { version } }, step) => {
    const server = serverOf(broker);
    return sideBySide([
      () =>
        step('gateway', 'open the gateway', (call) =>
          act.ensureGateway.executeWithOptions(call, [
            { server, version, gateway, leaves: leaves.map((leaf) => leaf.name) },
          ]),
        ),
      () =>
        step('mesh-policy', 'close the NATS ports to unmeshed peers', (call) =>
          act.ensureMeshPolicy.executeWithOptions(call, [{ server, role: 'broker' }]),
        ),
    ]);
  },

  onLeafCluster: ({ broker, linkerd: { version } }, leaf, step) => {
    const server = serverOf(leaf);
    return sideBySide([
      () =>
        step(`mirror-controller/${leaf.name}`, 'run the mirror controller', (call) =>
          act.ensureMirrorController.executeWithOptions(call, [{ server, version, gateway, broker: broker.name }]),
        ),
      () =>
        step(`mesh-policy/${leaf.name}`, 'close the NATS ports to unmeshed peers', (call) =>
          act.ensureMeshPolicy.executeWithOptions(call, [{ server, role: 'leaf' }]),
        ),
    ]);
  },

  connect: async ({ broker, linkerd: { version } }, leaf, step) => {
    const server = serverOf(leaf);
    const linked = await step(`link/${leaf.name}`, 'link the cluster with credentials of its own', (call) =>
      act.ensureLink.executeWithOptions(call, [{ server, version, gateway, broker: serverOf(broker) }]),
    );
    const mirrored = await step(`mirror/${leaf.name}`, 'wait for the mirrored Service', (call) =>
      act.awaitMirror.executeWithOptions(call, [{ server, broker: broker.name }]),
    );
    return [linked, mirrored];
  },

  remote: ({ broker }) => `${mirrorService(broker.name)}.${NATS_NAMESPACE}.svc.cluster.local:${NATS_PORTS.leaf}`,
});
