import { clustersOf, serverOf, type Cluster, type Topology } from '../../contract/topology.js';
import { check, type Check } from './check.js';
import { brokerChecks, leafChecks } from './nats.js';
import { crossClusterChecks } from './cross-cluster.js';
import { meshChecks } from './mesh.js';
import { pkiChecks } from './pki.js';
import { fail, pass } from './check.js';

/** Every check of a topology, in the order in which people read them. Built from data alone. */
export const checksOf = (topology: Topology): Check[] => [
  ...clustersOf(topology).flatMap(kubernetesChecks),
  ...pkiChecks(topology),
  ...brokerChecks(topology),
  ...topology.leaves.flatMap((leaf) => leafChecks(topology, leaf)),
  ...(topology.link.mode === 'mesh' ? meshChecks(topology, topology.link.gateway) : []),
  ...crossClusterChecks(topology),
];

const kubernetesChecks = (cluster: Cluster): Check[] => {
  const internal = serverOf(cluster).internalAddress;
  return [
    check<string>({
      id: 'kubernetes-ready',
      category: 'k3s',
      subject: cluster.name,
      title: 'Kubernetes answers, its node is Ready and CoreDNS is Available',
      severity: 'error',
      retry: { forSeconds: 60, everySeconds: 1 },
      probe: (world) => world.kubernetesState(cluster.name),
      judge: (state) => (state === 'ready' ? pass() : fail('a rung of the readiness ladder is not reached', state)),
    }),
    check<string[]>({
      id: 'kubernetes-endpoint-internal',
      category: 'k3s',
      subject: cluster.name,
      title: 'pods dial the API server by its internal address',
      severity: 'error',
      needs: [`kubernetes-ready@${cluster.name}`],
      probe: (world) => world.apiEndpoints(cluster.name),
      judge: (addresses) =>
        addresses.length === 1 && addresses[0] === internal
          ? pass(internal)
          : fail(`the endpoint is not ${internal}`, addresses.join(', ') || 'none'),
    }),
  ];
};
