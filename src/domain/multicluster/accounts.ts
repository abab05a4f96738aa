import type { KubernetesObject } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { linkAccount, MULTICLUSTER_NAMESPACE } from '../linkerd/names.js';

type Named = KubernetesObject & { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };

/** Names the leaf cluster that an account on the hub is for. */
const LEAF_LABEL = 'leafspan.io/leaf';

export const accountToken = (leaf: string): string => `${linkAccount(leaf)}-token`;

/**
 * What Linkerd's own accounts for other clusters may read; they may also create Events everywhere, which nothing waits for.
 * README and ADR 8 list it, and a test compares.
 */
export const LINK_RULES = [
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list', 'get', 'watch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'get', 'watch'] },
  { apiGroups: [''], resources: ['pods', 'endpoints', 'services'], verbs: ['list', 'get', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'get', 'watch'] },
  { apiGroups: ['policy.linkerd.io'], resources: ['servers'], verbs: ['list', 'get', 'watch'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['linkerd-config'] },
];

/**
 * The account on the hub with which a leaf cluster follows the exported Services. They are made here and not by Linkerd's
 * chart, whose render has those of all leaves: here each leaf's work concerns its own, however many there are.
 */
export function accountObjects(leaf: string): Named[] {
  const name = linkAccount(leaf);
  const labels = { [OWNER_LABEL]: FIELD_MANAGER, [LEAF_LABEL]: leaf, 'linkerd.io/extension': 'multicluster' };
  const rbac = { apiGroup: 'rbac.authorization.k8s.io', version: 'rbac.authorization.k8s.io/v1' };
  const namespace = MULTICLUSTER_NAMESPACE;
  return [
    { apiVersion: rbac.version, kind: 'ClusterRole', metadata: { name, labels }, rules: LINK_RULES },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: accountToken(leaf),
        namespace,
        labels,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
      type: 'kubernetes.io/service-account-token',
    },
    {
      apiVersion: rbac.version,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: rbac.apiGroup, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ].map((object): Named => object);
}

/** Lists the accounts of leaf clusters other than these. The API server selects, so the list stays short. */
export function strangersPath(leaves: readonly string[]): string {
  const others = leaves.length === 0 ? LEAF_LABEL : `${LEAF_LABEL},${LEAF_LABEL} notin (${leaves.join(',')})`;
  const selector = encodeURIComponent(others);
  return `/api/v1/namespaces/${MULTICLUSTER_NAMESPACE}/serviceaccounts?labelSelector=${selector}`;
}

/** The leaf clusters that listed accounts are for. */
export function leavesOf(accounts: string): string[] {
  const { items = [] } = parseObject<{ items?: KubernetesObject[] }>(accounts, {});
  return items.flatMap(({ metadata }) => metadata?.labels?.[LEAF_LABEL] ?? []);
}
