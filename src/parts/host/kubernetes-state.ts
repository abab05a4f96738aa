import { parseObject } from '../../contract/json.js';
import { isProvisionError } from '../../contract/errors.js';
import { parseUnitState, unitStateScript, type K3sCrashes } from '../../domain/k3s/install.js';
import { readyRung } from '../../domain/k3s/readiness.js';
import type { Site } from '../site.js';

const QUESTIONS = {
  readyz: '/readyz',
  nodes: '/api/v1/nodes',
  coredns: '/apis/apps/v1/namespaces/kube-system/deployments/coredns',
  account: '/api/v1/namespaces/default/serviceaccounts/default',
} as const;

export type ServerState = string | K3sCrashes;

/**
 * `ready`, or what K3s and its API server are still missing before objects can be applied. The unit comes first: the API
 * server of a K3s that is about to restart may still respond.
 */
export const apiServerState = async (site: Site): Promise<ServerState> =>
  (await unitState(site)) ??
  (await ask(async () => {
    const { status, body } = await (await site.kube()).get(QUESTIONS.readyz);
    return status === 200 ? 'ready' : `/readyz: ${status} ${body.split('\n')[0]?.slice(0, 100) ?? ''}`;
  }, apiServerSaid));

/** `ready`, or what is still missing before pods can run. Only of an API server that does not respond the unit is asked. */
export const kubernetesState = (site: Site): Promise<ServerState> =>
  ask(
    async () => {
      const kube = await site.kube();
      const [readyz, nodes, coredns, account] = await Promise.all(
        Object.values(QUESTIONS).map((path) => kube.get(path)),
      );
      return readyRung({ readyz, nodes, coredns, account }) ?? 'ready';
    },
    async (message) => (await unitState(site)) ?? apiServerSaid(message),
  );

/** undefined: K3s runs, so the API server can be asked. */
const unitState = async (site: Site): Promise<ServerState | undefined> =>
  parseUnitState(await site.print(unitStateScript));

const apiServerSaid = (message: string): string => `API server: ${message}`;

async function ask(
  question: () => Promise<string>,
  otherwise: (message: string) => ServerState | Promise<ServerState>,
): Promise<ServerState> {
  try {
    return await question();
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return otherwise(error.message);
    throw error;
  }
}

/** Addresses of the `kubernetes` Service, which every pod dials. */
export async function apiEndpoints(site: Site): Promise<string[]> {
  const kube = await site.kube();
  const { body } = await kube.get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes');
  const { endpoints = [] } = parseObject<{ endpoints?: { addresses: string[] }[] }>(body, {});
  return endpoints.flatMap(({ addresses }) => addresses);
}
