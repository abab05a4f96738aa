import type { V1PolicyRule } from '@kubernetes/client-node';
import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import { NATS_NAMESPACE } from '../nats/names.js';
import { EDGE, EDGE_APP, EDGE_CLASS, EDGE_NAMESPACE, edgeObject } from './names.js';

const READ = ['get', 'list', 'watch'];
const NGINX = 'k8s.nginx.org';

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): V1PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

/** What the controller does in each namespace that it watches. */
const WATCHED: V1PolicyRule[] = [
  rule('', ['services', 'pods'], READ),
  rule('discovery.k8s.io', ['endpointslices'], READ),
  rule('networking.k8s.io', ['ingresses'], READ),
  rule(NGINX, ['virtualservers', 'virtualserverroutes', 'transportservers', 'policies'], READ),
  rule(NGINX, ['transportservers/status', 'policies/status'], ['update']),
  rule('', ['events'], ['create', 'patch']),
];

/** In its own one: its settings, its certificate, and the labels with which it says what runs. */
const OWN: V1PolicyRule[] = [
  ...WATCHED,
  rule('', ['configmaps', 'secrets'], READ),
  rule('', ['pods'], ['update']),
  rule(NGINX, ['globalconfigurations'], READ),
];

const OF_CLUSTER: V1PolicyRule[] = [
  rule('networking.k8s.io', ['ingressclasses'], ['get'], [EDGE_CLASS]),
  rule('', ['namespaces'], ['get'], [EDGE_NAMESPACE, NATS_NAMESPACE]),
];

/**
 * Fewer rights than those of its makers, with which it reads every Secret of the cluster: it watches two namespaces, and the
 * Secrets of its own one only.
 */
export const edgeRights = (): ManifestObject[] => [
  edgeObject(EDGE.clusterRole, { rules: OF_CLUSTER }),
  bound(EDGE.clusterBinding, EDGE.clusterRole),
  edgeObject(EDGE.ownRole, { rules: OWN }),
  bound(EDGE.ownBinding, EDGE.ownRole),
  edgeObject(EDGE.natsRole, { rules: WATCHED }),
  bound(EDGE.natsBinding, EDGE.natsRole),
];

const bound = (binding: ObjectRef, { kind, metadata: { name } }: ObjectRef): ManifestObject =>
  edgeObject(binding, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name: EDGE_APP, namespace: EDGE_NAMESPACE }],
  });
