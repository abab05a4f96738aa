import type { V1Endpoints, V1Service } from '@kubernetes/client-node';
import { gatewayOf, hubHostOf, type Scope } from '../../../contract/topology/scope.js';
import { linkRefs } from '../../../domain/multicluster/link.js';
import { endpointsOf, mirrorState, type LinkStatus } from '../../../domain/multicluster/mirror.js';
import { BROKER_SERVICE, mirrorService, NATS_NAMESPACE } from '../../../domain/nats/names.js';
import { refOf } from '../../../domain/kubernetes/objects.js';
import type { Site } from '../../site.js';

/** The hub's exported Service in a leaf cluster. */
export interface MirrorSeen {
  /** What is missing; undefined when the Service is mirrored and has an endpoint. */
  missing: string | undefined;
  /** address:port */
  endpoints: string[];
  clusterIp: string | undefined;
}

export async function seeMirror(site: Site): Promise<MirrorSeen> {
  const kube = await site.kube();
  const hub = site.scope.settings.broker.name;
  const [link] = linkRefs(hub);
  const metadata = { name: mirrorService(hub), namespace: NATS_NAMESPACE };
  const [status, service, endpoints] = await Promise.all([
    link && kube.read<LinkStatus>(refOf(link)),
    kube.read<V1Service>({ apiVersion: 'v1', kind: 'Service', metadata }),
    kube.read<V1Endpoints>({ apiVersion: 'v1', kind: 'Endpoints', metadata }),
  ]);
  return {
    missing: mirrorState(BROKER_SERVICE, status, service, endpoints),
    endpoints: endpointsOf(endpoints),
    clusterIp: service?.spec?.clusterIP,
  };
}

/** address:port of the gateway, as leaf clusters dial it. */
export const gatewayAddress = (scope: Scope): string => `${hubHostOf(scope).externalAddress}:${gatewayOf(scope).port}`;

/** undefined: the mirrored Service leads to the gateway and nowhere else. */
export const mirrorProblem = (seen: MirrorSeen, gateway: string): string | undefined =>
  seen.missing ?? formerGateways(seen, gateway);

/** undefined: the mirrored Service leads to the gateway, or nowhere. */
export function formerGateways({ endpoints }: MirrorSeen, gateway: string): string | undefined {
  const others = endpoints.filter((endpoint) => endpoint !== gateway);
  return others.length === 0 ? undefined : `the mirrored Service leads to ${others.join(', ')}, not to ${gateway}`;
}
