import { gatewayApiFits } from './gateway-api-version.js';

/** The releases of what a mesh consists of and stands on. */
export interface MeshVersions {
  /** Empty: there is none. */
  cli: string;
  controlPlane: string;
  /** Of the proxies in the namespace of NATS, each once. */
  dataPlane: readonly string[];
  kubernetes: string;
  gatewayApi: string | undefined;
}

/** Minor versions of Kubernetes that this line of Linkerd is tested with. */
const KUBERNETES = { oldest: 31, newest: 36 };
const RANGE = `1.${KUBERNETES.oldest} to 1.${KUBERNETES.newest}`;

/** What does not fit, each a sentence. @param wanted release of Linkerd */
export function versionProblems(seen: MeshVersions, wanted: string): string[] {
  const minor = Number(/^v?1\.(\d+)/.exec(seen.kubernetes)?.[1] ?? Number.NaN);
  // Without a control plane there is nothing that the proxies could differ from.
  const others = seen.dataPlane.filter((version) => seen.controlPlane !== '' && version !== seen.controlPlane);
  return [
    ...(seen.cli === wanted
      ? []
      : [`the linkerd command is ${seen.cli || 'not there'}; the topology asks for ${wanted}`]),
    ...(seen.controlPlane === wanted
      ? []
      : [`the control plane is ${seen.controlPlane || 'not there'}; the topology asks for ${wanted}`]),
    ...(others.length === 0 ? [] : [`proxies are ${others.join(', ')}: restart their pods`]),
    ...(minor >= KUBERNETES.oldest && minor <= KUBERNETES.newest
      ? []
      : [`Kubernetes is ${seen.kubernetes || 'unknown'}; Linkerd is tested with ${RANGE}`]),
    ...(gatewayApiFits(seen.gatewayApi) ? [] : [`the Gateway API is ${seen.gatewayApi ?? 'not there'}`]),
  ];
}
