import type { V1Secret } from '@kubernetes/client-node';
import type { Step } from '../../../contract/plan.js';
import type { ObjectRef } from '../../../domain/kubernetes/objects.js';
import { linkAccount, MULTICLUSTER_NAMESPACE } from '../../../domain/linkerd/names.js';
import { accountToken } from '../../../domain/multicluster/accounts.js';
import type { LinkCredentials } from '../../../domain/multicluster/link.js';
import type { Site } from '../../site.js';
import { awaited } from '../../waiting/wait.js';

const TOKEN = { timeoutMs: 60_000, look: `kubectl -n ${MULTICLUSTER_NAMESPACE} get secrets` };

const tokenRef = (leaf: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: accountToken(leaf), namespace: MULTICLUSTER_NAMESPACE },
});

function credentialsIn(secret: V1Secret | undefined, leaf: string): LinkCredentials | undefined {
  const { token, 'ca.crt': ca = '' } = secret?.data ?? {};
  return token === undefined ? undefined : { token, ca, account: linkAccount(leaf) };
}

/** Stands for a token that the hub has not issued yet, so that a look shows the credentials as a change. */
export const unissued = (leaf: string): LinkCredentials => ({
  token: btoa('(not issued yet)'),
  ca: '',
  account: linkAccount(leaf),
});

/** What the hub has issued for a leaf, or a stand-in. */
export async function seeCredentials(hub: Site, leaf: string): Promise<LinkCredentials> {
  const kube = await hub.kubeIfUp();
  return credentialsIn(await kube?.read<V1Secret>(tokenRef(leaf)), leaf) ?? unissued(leaf);
}

/** Its token controller fills in the Secret in a moment. @throws ProvisionError NOT_READY */
export async function awaitCredentials(hub: Site, leaf: string): Promise<LinkCredentials> {
  const kube = await hub.kube();
  let found: LinkCredentials | undefined;
  await awaited(hub, TOKEN, async () => {
    found = credentialsIn(await kube.read<V1Secret>(tokenRef(leaf)), leaf);
    return found === undefined ? `Secret ${accountToken(leaf)} has no token yet` : undefined;
  });
  return found ?? unissued(leaf);
}

/** The account's steps stand in the plan of the leaf, so they say where they are taken. */
export const onHub = (steps: readonly Step[], hub: string): Step[] =>
  steps.map((step) => ({ ...step, object: `${step.object} on ${hub}` }));

export function stepsOnHub(steps: readonly Step[], hub: string): Step[] {
  const where = ` on ${hub}`;
  return steps
    .filter(({ object }) => object.endsWith(where))
    .map((step) => ({ ...step, object: step.object.slice(0, -where.length) }));
}
