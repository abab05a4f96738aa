import type { V1Deployment } from '@kubernetes/client-node';
import { deploymentState } from '../../../domain/kubernetes/workloads.js';
import type { Check, CheckKey } from '../../check.js';
import { check } from '../../check.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import type { Site } from '../../site.js';

/** What is missing until the newest revision of each Deployment is available, a line each. */
export async function deploymentsMissing(site: Site, namespace: string, names: readonly string[]): Promise<string[]> {
  const kube = await site.kube();
  const states = await Promise.all(
    names.map(async (name) => {
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } };
      const state = deploymentState(await kube.read<V1Deployment>(ref));
      return state === undefined ? [] : [`${name} is not available: ${state}`];
    }),
  );
  return states.flat();
}

/** That Deployments are available, which a part waits for when it has acted. */
export const availability = (
  about: Pick<Check, 'id' | 'category' | 'subject' | 'title'> & { needs: readonly CheckKey[] },
  namespace: string,
  names: readonly string[],
): Check =>
  check<string[]>({
    ...about,
    severity: 'error',
    retry: { forSeconds: 180, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: `kubectl -n ${namespace} get pods` },
    probe: (site) => deploymentsMissing(site, namespace, names),
    judge: ([missing]) => (missing === undefined ? pass() : fail(missing)),
  });
