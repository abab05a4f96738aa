import { deploymentState } from '../../domain/kubernetes/workloads.js';
import type { Check, CheckKey } from '../check.js';
import { check } from '../check.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import type { Site } from '../site.js';
import type { Missing } from '../waiting/wait.js';
import { workloadState } from './workload.js';

/** Its containers wait for each other by ending: the kubelet starts them again. */
const CRASH_SECONDS = 90;

/** What is missing until the newest revision of each Deployment is available, one by one; what does not pass comes first. */
export async function deploymentsMissing(site: Site, namespace: string, names: readonly string[]): Promise<Missing[]> {
  const states = await Promise.all(
    names.map(async (name) => {
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } };
      const state = await workloadState(site, ref, deploymentState, CRASH_SECONDS);
      return state === undefined ? [] : [{ ...state, saw: `${name} is not available: ${state.saw}` }];
    }),
  );
  const missing = states.flat();
  return [...missing.filter(({ permanent }) => permanent), ...missing.filter(({ permanent }) => !permanent)];
}

type About = Pick<Check, 'id' | 'category' | 'subject' | 'title'> & { needs: readonly CheckKey[] };

/** That Deployments are available. */
export const available = (about: About, namespace: string, names: readonly string[]): Check =>
  check<Missing[]>({
    ...about,
    severity: 'error',
    retry: { forSeconds: 180, everySeconds: 0.2 },
    probe: (site) => deploymentsMissing(site, namespace, names),
    judge: ([missing]) => (missing === undefined ? pass() : fail(missing.saw, undefined, missing.permanent)),
  });

/** The same, of what a part waits for when it has acted. */
export const availability = (about: About, namespace: string, names: readonly string[]): Check => ({
  ...available(about, namespace, names),
  confirms: { code: 'NOT_READY', look: `kubectl -n ${namespace} get pods` },
});
