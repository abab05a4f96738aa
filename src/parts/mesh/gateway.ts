import { gatewayOf, type Scope } from '../../contract/topology/scope.js';
import { GATEWAY, MULTICLUSTER_NAMESPACE, PROXY_INBOUND_PORT } from '../../domain/linkerd/names.js';
import { part } from '../part.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import { decideRendered, seeRendered, undoRendered, type RenderedPart } from '../objects/rendered.js';
import { brokerBehindGateway } from './checks/broker-behind-gateway.js';
import { availability } from '../objects/availability.js';
import { extensionPart, isDeployment } from './extension.js';
import { controlPlaneAvailable, podsMeshed } from './checks/linkerd.js';
import { localMirrorAvailable } from './checks/local-mirror.js';

/** The hub's end of all links. */
export const gateway = part({
  name: 'gateway',
  title: 'open the gateway',
  phase: 'link',
  needs: ['linkerd', 'multicluster', 'images'],
  livesIn: 'cluster',
  listens: (scope) => {
    const { port, probePort } = gatewayOf(scope);
    return [port, probePort];
  },
  wanted: (scope: Scope): RenderedPart => {
    const { exposure, port } = gatewayOf(scope);
    return extensionPart(scope, {
      name: 'gateway',
      title: 'gateway',
      // Pods know the port of a load balancer, and nothing of a NodePort.
      inputs: { port: String(exposure === 'loadBalancer' ? port : PROXY_INBOUND_PORT) },
      has: isDeployment,
    });
  },
  look: (site, wanted: RenderedPart) => seeRendered(site, wanted),
  decide: decideRendered,
  undo: undoRendered,
  act: actOnRendered,
  checks: ({ cluster }) => [
    availability(
      {
        id: 'gateway-available',
        category: 'multicluster',
        subject: cluster.name,
        title: 'the gateway is available',
        needs: [controlPlaneAvailable(cluster.name)],
      },
      MULTICLUSTER_NAMESPACE,
      [GATEWAY],
    ),
    localMirrorAvailable(cluster.name),
    brokerBehindGateway(cluster.name, { atLeast: 0, needs: [podsMeshed(cluster.name)] }),
  ],
});
