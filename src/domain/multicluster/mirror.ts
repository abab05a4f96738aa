import type { KubernetesObject, V1Endpoints, V1Service } from '@kubernetes/client-node';

export interface LinkStatus extends KubernetesObject {
  status?: {
    mirrorServices?: {
      remoteRef?: { name?: string };
      conditions?: { type?: string; status?: string; reason?: string; message?: string }[];
    }[];
  };
}

/**
 * undefined: the Service is mirrored and has an endpoint, that of the gateway when it is named. A Link's status is trusted
 * only for presence: it keeps a stale entry when the last mirror goes.
 */
export function mirrorState(
  exported: string,
  link: LinkStatus | undefined,
  mirror: V1Service | undefined,
  endpoints: V1Endpoints | undefined,
  /** address:port of the gateway, where the endpoint must lead there already. */
  gateway?: string,
): string | undefined {
  if (link === undefined) return 'there is no Link';
  const entry = link.status?.mirrorServices?.find(({ remoteRef }) => remoteRef?.name === exported);
  const mirrored = entry?.conditions?.find(({ type }) => type === 'Mirrored');
  if (mirrored !== undefined && mirrored.status !== 'True')
    return `the Link says ${mirrored.reason ?? 'not mirrored'}: ${mirrored.message ?? ''}`;
  if (mirrored === undefined) return 'the mirror controller has not seen the exported Service yet';
  if (mirror === undefined) return 'the mirrored Service is not there';
  const served = endpointsOf(endpoints);
  if (served.length === 0) return 'the mirrored Service has no endpoint';
  return gateway === undefined || served.includes(gateway)
    ? undefined
    : `the mirrored Service leads to ${served.join(', ')} and not to ${gateway}`;
}

/** As address:port; an address without a port is left out, since no client can dial it. */
export const endpointsOf = (endpoints: V1Endpoints | undefined): string[] =>
  (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    addresses.flatMap(({ ip }) => ports.map(({ port }) => `${ip}:${port}`)),
  );
