/** Kinds that every API server knows, by apiVersion and kind. */
const NAMESPACED = [
  'v1/ServiceAccount',
  'v1/ConfigMap',
  'v1/Secret',
  'v1/Service',
  'v1/Pod',
  'v1/Endpoints',
  'apps/v1/StatefulSet',
  'apps/v1/Deployment',
  'networking.k8s.io/v1/NetworkPolicy',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
];
const CLUSTER_WIDE = [
  'v1/Namespace',
  'rbac.authorization.k8s.io/v1/ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'apiextensions.k8s.io/v1/CustomResourceDefinition',
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
];

export type Scoped = 'namespaced' | 'cluster';

/** What an API server serves: its own kinds and those of the definitions that were applied. */
export class Kinds {
  readonly #scopes = new Map<string, Scoped>([
    ...NAMESPACED.map((kind): [string, Scoped] => [kind, 'namespaced']),
    ...CLUSTER_WIDE.map((kind): [string, Scoped] => [kind, 'cluster']),
  ]);

  scopeOf(apiVersion: string, kind: string): Scoped | undefined {
    return this.#scopes.get(`${apiVersion}/${kind}`);
  }

  define({ group, scope, names, versions }: Definition): void {
    for (const { name } of versions)
      this.#scopes.set(`${group}/${name}/${names.kind}`, scope === 'Cluster' ? 'cluster' : 'namespaced');
  }
}

/** The spec of a CustomResourceDefinition. */
export interface Definition {
  group: string;
  scope: string;
  names: { kind: string };
  versions: { name: string }[];
}

export const definitionIn = (json: string): Definition => (JSON.parse(json) as { spec: Definition }).spec;
