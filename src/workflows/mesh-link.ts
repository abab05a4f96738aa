import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { linkerdImages } from '../domain/artifacts/linkerd-images.js';
import { serverOf, type Cluster, type Gateway, type Host, type Topology } from '../contract/topology.js';
import { HOST_WORK, WAIT } from './activity-options.js';
import type { LinkMode, Step } from './link-mode.js';
import type { Changed } from './run.js';
import { sideBySide } from './side-by-side.js';
import { mirrorHost, NATS_PORTS } from '../domain/nats/names.js';

const act = proxyActivities<Activities>(HOST_WORK);
const wait = proxyActivities<Activities>(WAIT);

/** The leaf node dials the mirrored Service, and Linkerd's gateway carries it: mutual TLS in mutual TLS. */
export const meshLink = (gateway: Gateway): LinkMode => ({
  images: ({ linkerd }) => linkerdImages(linkerd.version),
  onCluster: controlPlane,
  onBrokerCluster: (topology, step) => brokerEnd(topology, gateway, step),
  onLeafCluster: (topology, leaf, step) => leafEnd(topology, leaf, gateway, step),
  connect: (topology, leaf, step) => connect(topology, leaf, gateway, step),
  remote: ({ broker }) => `${mirrorHost(broker.name)}:${NATS_PORTS.leaf}`,
});

async function controlPlane(
  { name, artifacts: source, linkerd: { version } }: Topology,
  host: Host,
  step: Step,
  imported: () => Promise<Changed>,
): Promise<Changed[]> {
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
}

function brokerEnd(
  { broker, leaves, linkerd: { version } }: Topology,
  gateway: Gateway,
  step: Step,
): Promise<Changed[]> {
  const server = serverOf(broker);
  const input = { server, version, gateway, leaves: leaves.map((leaf) => leaf.name) };
  return sideBySide([
    () => step('gateway', 'open the gateway', (call) => act.ensureGateway.executeWithOptions(call, [input])),
    () =>
      step('mesh-policy', 'close the NATS ports to unmeshed peers', (call) =>
        act.ensureMeshPolicy.executeWithOptions(call, [{ server, role: 'broker' }]),
      ),
  ]);
}

function leafEnd(
  { broker, linkerd: { version } }: Topology,
  leaf: Cluster,
  gateway: Gateway,
  step: Step,
): Promise<Changed[]> {
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
}

async function connect(
  { broker, linkerd: { version } }: Topology,
  leaf: Cluster,
  gateway: Gateway,
  step: Step,
): Promise<Changed[]> {
  const server = serverOf(leaf);
  const linked = await step(`link/${leaf.name}`, 'link the cluster with credentials of its own', (call) =>
    act.ensureLink.executeWithOptions(call, [{ server, version, gateway, broker: serverOf(broker) }]),
  );
  const mirrored = await step(`mirror/${leaf.name}`, 'wait for the mirrored Service', (call) =>
    wait.awaitMirror.executeWithOptions(call, [{ server, broker: serverOf(broker), gateway }]),
  );
  const redialled = await step(`redial/${leaf.name}`, 'end a link that goes by an earlier way', (call) =>
    act.redialLeafNode.executeWithOptions(call, [{ server, broker: serverOf(broker), gateway }]),
  );
  return [linked, mirrored, redialled];
}
