/** Versions that Linkerd is tested with; from 1.5 on the Gateway API itself refuses to be taken back to an older one. */
export const GATEWAY_API_OLDEST = [1, 2, 1];
export const GATEWAY_API_NEWEST = [1, 5, 1];

/** Annotation of the CRDs that names their release. */
export const GATEWAY_API_VERSION = 'gateway.networking.k8s.io/bundle-version';

export function gatewayApiFits(version: string | undefined): boolean {
  const parts = /^v(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  return parts !== undefined && !before(parts, GATEWAY_API_OLDEST) && !before(GATEWAY_API_NEWEST, parts);
}

function before(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((part, index) => part !== right[index]);
  return at !== -1 && (left[at] ?? 0) < (right[at] ?? 0);
}
