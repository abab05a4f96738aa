import type { MeshLab } from '../support/mesh-lab.js';

/** The switches of the double; its README has the table. */
export interface Misbehaviour {
  gateway?: 'dead';
  injector?: 'late';
  mirror?: 'missing';
  endpoints?: 'slow';
  'endpoints-delay'?: number;
}

const BEHAVE = 'k -n linkerd delete configmap linkerd-double --ignore-not-found >/dev/null';

export const behave = (lab: MeshLab, host: string): string => lab.on(host, BEHAVE);

export function misbehave(lab: MeshLab, host: string, how: Misbehaviour): void {
  const literals = Object.entries(how).map(([key, value]) => `--from-literal=${key}=${String(value)}`);
  lab.on(host, `${BEHAVE}; k -n linkerd create configmap linkerd-double ${literals.join(' ')}`);
}

/** What the leaf cluster has to show at the broker cluster's API is worth nothing any more. */
export function spoilCredentials(lab: MeshLab, host: string): void {
  for (const namespace of ['linkerd', 'linkerd-multicluster']) {
    const secret = `-n ${namespace} get secret cluster-credentials-cluster-a -o jsonpath={.data.kubeconfig}`;
    const kubeconfig = JSON.parse(Buffer.from(lab.on(host, `k ${secret}`), 'base64').toString()) as {
      users: { user: { token: string } }[];
    };
    for (const { user } of kubeconfig.users) user.token = 'spoiled';
    const patch = { data: { kubeconfig: Buffer.from(JSON.stringify(kubeconfig)).toString('base64') } };
    lab.on(host, `k -n ${namespace} patch secret cluster-credentials-cluster-a -p '${JSON.stringify(patch)}'`);
  }
}
