import type { LinkerdFindings } from '../linkerd/check-output.js';
import { gatewayApiFits } from '../linkerd/gateway-api-version.js';
import type { Cluster, Topology } from '../../contract/topology.js';
import { check, fail, pass, type Check } from './check.js';
import type { MeshPod, MeshVersions } from './world.js';

/** Minor versions of Kubernetes that this line of Linkerd is tested with. */
const KUBERNETES = { oldest: 31, newest: 36 };
const RANGE = `1.${KUBERNETES.oldest} to 1.${KUBERNETES.newest}`;

export const linkerdChecks = ({ linkerd }: Topology, cluster: Cluster): Check[] => [
  check<LinkerdFindings>({
    id: 'linkerd-healthy',
    category: 'linkerd',
    subject: cluster.name,
    title: "Linkerd's own check finds no fault",
    severity: 'error',
    needs: [`kubernetes-ready@${cluster.name}`],
    retry: { forSeconds: 60, everySeconds: 2 },
    probe: (world) => world.linkerdFindings(cluster.name),
    judge: judgeFindings,
  }),
  check<MeshVersions>({
    id: 'linkerd-versions-fit',
    category: 'linkerd',
    subject: cluster.name,
    title: 'the releases of Linkerd, Kubernetes and the Gateway API fit together',
    severity: 'error',
    needs: [`kubernetes-ready@${cluster.name}`],
    probe: (world) => world.meshVersions(cluster.name),
    judge: (seen) => {
      const faults = versionFaults(seen, linkerd.version);
      return faults.length === 0
        ? pass(`${seen.controlPlane}, Kubernetes ${seen.kubernetes}, Gateway API ${seen.gatewayApi}`)
        : fail('they do not', faults.join('; '));
    },
  }),
  check<MeshPod[]>({
    id: 'pods-meshed',
    category: 'linkerd',
    subject: cluster.name,
    title: 'every NATS pod carries the proxy and is Ready',
    severity: 'error',
    needs: [`kubernetes-ready@${cluster.name}`],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (world) => world.meshPods(cluster.name),
    judge: (pods) => {
      const bare = pods.filter(({ meshed }) => !meshed).map(({ name }) => name);
      const waiting = pods.filter(({ ready }) => !ready).map(({ name }) => name);
      if (pods.length === 0) return fail('there is no NATS pod');
      if (bare.length > 0) return fail('a pod runs without the proxy', bare.join(', '));
      return waiting.length === 0 ? pass(`${pods.length} pods`) : fail('a pod is not Ready', waiting.join(', '));
    },
  }),
];

export function judgeFindings({ errors, warnings }: LinkerdFindings) {
  if (errors.length > 0) return fail(errors[0] ?? '', errors.slice(1).join('; ') || 'nothing else');
  return warnings.length === 0 ? pass() : pass(warnings.join('; '));
}

function versionFaults(seen: MeshVersions, wanted: string): string[] {
  const minor = Number(/^v?1\.(\d+)/.exec(seen.kubernetes)?.[1] ?? Number.NaN);
  // Without a control plane there is nothing that the proxies could differ from.
  const others = seen.dataPlane.filter((version) => seen.controlPlane !== '' && version !== seen.controlPlane);
  return [
    ...(seen.cli === wanted ? [] : [`the linkerd command is ${seen.cli || 'not there'}, ${wanted} is wanted`]),
    ...(seen.controlPlane === wanted
      ? []
      : [`the control plane is ${seen.controlPlane || 'not there'}, ${wanted} is wanted`]),
    ...(others.length === 0 ? [] : [`proxies are ${others.join(', ')}: restart their pods`]),
    ...(minor >= KUBERNETES.oldest && minor <= KUBERNETES.newest
      ? []
      : [`Kubernetes is ${seen.kubernetes || 'unknown'}, Linkerd is tested with ${RANGE}`]),
    ...(gatewayApiFits(seen.gatewayApi) ? [] : [`the Gateway API is ${seen.gatewayApi ?? 'not there'}`]),
  ];
}
