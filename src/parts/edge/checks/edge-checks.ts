import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { EDGE, EDGE_APP, EDGE_NAMESPACE, listenerOf, type TcpPort } from '../../../domain/edge/names.js';
import { routeState, type TransportServerSeen } from '../../../domain/edge/transport-server.js';
import type { NodePorts } from '../../../domain/nats/objects/external-ports.js';
import { BROKER_SERVER } from '../../../domain/pki/profiles.js';
import { check, type Check } from '../../check.js';
import { kubernetesReady } from '../../host/k3s.js';
import { brokerReady } from '../../nats/checks/keys.js';
import { servesStored } from '../../nats/checks/served.js';
import { availability } from '../../objects/availability.js';
import type { Site } from '../../site.js';
import { edgeDoors } from '../doors.js';
import { edgeAvailable } from './keys.js';
import { monitoringChecks } from './monitoring.js';

const CATEGORY = 'nats-broker';

/** That the controller runs, has taken each route, and carries TLS from one end to the other. */
export const edgeChecks = (scope: Scope, ports: NodePorts): Check[] => {
  const { name } = scope.cluster;
  return [
    availability(
      {
        id: 'edge-available',
        category: CATEGORY,
        subject: name,
        title: 'the NGINX Ingress Controller is available',
        needs: [kubernetesReady(name)],
      },
      EDGE_NAMESPACE,
      [EDGE_APP],
    ),
    routesValid(name, ports),
    servesStored({
      id: 'edge-passes-tls',
      category: CATEGORY,
      subject: name,
      title: "at the edge's ports the broker itself speaks, with its own certificate",
      name: BROKER_SERVER,
      needs: [edgeAvailable(name), brokerReady(name)],
      doors: (site) => edgeDoors(site, ports),
    }),
    ...monitoringChecks(scope),
  ];
};

const routesValid = (cluster: string, { leaf }: NodePorts): Check =>
  check<string[]>({
    id: 'edge-routes-valid',
    category: CATEGORY,
    subject: cluster,
    title: 'the controller has taken the route of each port',
    severity: 'error',
    needs: [edgeAvailable(cluster)],
    retry: { forSeconds: 60, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system describe transportservers' },
    probe: (site) => routesMissing(site, leaf === undefined ? ['client'] : ['client', 'leaf']),
    // The state says nothing of the broker behind the route: another check reads what comes through it.
    judge: ([missing]) => (missing === undefined ? pass() : fail(missing)),
  });

async function routesMissing(site: Site, ports: readonly TcpPort[]): Promise<string[]> {
  const kube = await site.kube();
  const states = await Promise.all(
    ports.map(async (port) => routeState(listenerOf(port), await kube.read<TransportServerSeen>(EDGE[port]))),
  );
  return states.filter((state) => state !== undefined);
}
