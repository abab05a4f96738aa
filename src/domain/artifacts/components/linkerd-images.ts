/** The pause image of the gateway's own container, as Linkerd's chart names it. */
const PAUSE = 'registry.k8s.io/pause:3.2';

/** Every image that the control plane, its proxies and the multicluster extension run from. */
export const linkerdImages = (version: string): string[] => [
  `cr.l5d.io/linkerd/controller:${version}`,
  `cr.l5d.io/linkerd/proxy:${version}`,
  PAUSE,
];

/** The artifact of kind `manifests` with the CRDs of the Gateway API. */
export const GATEWAY_API_ARTIFACT = 'gateway-api';
