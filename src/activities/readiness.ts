import { isProvisionError } from '../contract/errors.js';
import { parseUnitState, unitStateScript } from '../domain/k3s/install.js';
import { readyRung } from '../domain/k3s/readiness.js';
import type { Host } from '../contract/topology.js';
import type { Ports } from '../parts/ports.js';

const QUESTIONS = {
  readyz: '/readyz',
  nodes: '/api/v1/nodes',
  coredns: '/apis/apps/v1/namespaces/kube-system/deployments/coredns',
  account: '/api/v1/namespaces/default/serviceaccounts/default',
} as const;

/** `ready`, or the rung of the readiness ladder that is not reached and what it said. */
export async function kubernetesState(
  { hosts, kubernetes }: Pick<Ports, 'hosts' | 'kubernetes'>,
  host: Host,
  signal: AbortSignal,
): Promise<string> {
  const unit = parseUnitState((await hosts.run(host, unitStateScript, { signal })).stdout);
  if (unit !== undefined) return unit;
  try {
    const cluster = await kubernetes.cluster(host, { signal });
    const [readyz, nodes, coredns, account] = await Promise.all(
      Object.values(QUESTIONS).map((path) => cluster.get(path)),
    );
    return readyRung({ readyz, nodes, coredns, account }) ?? 'ready';
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return `API server: ${error.message}`;
    throw error;
  }
}
