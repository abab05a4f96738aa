import { MESH_DOUBLE_VERSION } from '../../doubles/linkerd/bundle.js';
import { inStore, onHub, onLeaf, patch, remove, replace, type SeededChange } from './change.js';

const EXTENSION = 'linkerd-multicluster';
const CONTROLLER = 'Deployment/linkerd-multicluster/controller-cluster-a';

export const LINKERD: SeededChange[] = [
  onHub(
    'the number of pods of the control plane',
    'k -n linkerd scale deployment linkerd-destination --replicas=0',
    'linkerd: change Deployment/linkerd/linkerd-destination',
  ),
  onHub(
    'the settings are gone',
    remove('configmap linkerd-config', 'linkerd'),
    'linkerd: create ConfigMap/linkerd/linkerd-config',
  ),
  onHub(
    'a ClusterRole is gone',
    remove('clusterrole linkerd-linkerd-identity'),
    'linkerd: create ClusterRole/linkerd-linkerd-identity',
  ),
  onHub(
    'the gateway is gone',
    remove('deployment linkerd-gateway', EXTENSION),
    'gateway: create Deployment/linkerd-multicluster/linkerd-gateway',
  ),
  onHub(
    'a port of the gateway, which only a new object brings back',
    replace('service linkerd-gateway', '/spec/ports/0/port', 4144, EXTENSION),
    'multicluster: change Service/linkerd-multicluster/linkerd-gateway',
  ),
  onHub(
    'a CRD of the Gateway API is gone',
    remove('crd grpcroutes.gateway.networking.k8s.io'),
    'gateway-api: create CustomResourceDefinition/grpcroutes.gateway.networking.k8s.io',
  ),
  onHub(
    'the linkerd command is another one',
    'echo >> /usr/local/bin/linkerd',
    'linkerd-command: change /usr/local/bin/linkerd',
  ),
  onLeaf(
    'the certificate of a webhook is gone',
    remove('secret linkerd-proxy-injector-k8s-tls', 'linkerd'),
    'linkerd: create Secret/linkerd/linkerd-proxy-injector-k8s-tls',
    'linkerd: change MutatingWebhookConfiguration/linkerd-proxy-injector-webhook-config',
    'linkerd: change Deployment/linkerd/linkerd-proxy-injector',
  ),
  onLeaf(
    'a ServiceAccount of the control plane is gone',
    remove('serviceaccount linkerd-destination', 'linkerd'),
    'linkerd: create ServiceAccount/linkerd/linkerd-destination',
  ),
  onLeaf(
    'a CRD of Linkerd is gone, and its objects with it',
    remove('crd servers.policy.linkerd.io'),
    'linkerd-crds: create CustomResourceDefinition/servers.policy.linkerd.io',
    'mesh-policy: create Server/nats-leaf-client',
    ...['controller', 'linkerd-admin', 'local-service-mirror', 'service-mirror'].map(
      (name) => `multicluster: create Server/linkerd-multicluster/${name}`,
    ),
  ),
  onLeaf(
    'the number of mirror controllers',
    `k -n ${EXTENSION} scale deployment controller-cluster-a --replicas=0`,
    `mirror-controller: change ${CONTROLLER}`,
  ),
  onLeaf(
    'a Role of the mirror controller is gone',
    remove('role controller-read-remote-creds-cluster-a', EXTENSION),
    'multicluster: create Role/linkerd-multicluster/controller-read-remote-creds-cluster-a',
  ),
];

const ACCOUNT_ONLY = { spec: { requiredAuthenticationRefs: [{ kind: 'ServiceAccount', name: 'default' }] } };

export const LINK_AND_POLICY: SeededChange[] = [
  onHub(
    'the namespace is not in the mesh',
    'k annotate namespace nats-system linkerd.io/inject-',
    'nats-secrets: change Namespace/nats-system',
  ),
  onHub(
    'a Server is gone',
    remove('server.policy.linkerd.io nats-broker-client'),
    'mesh-policy: create Server/nats-broker-client',
  ),
  onHub(
    'the networks of the host',
    patch('networkauthentication nats-broker-from-host', { spec: { networks: [{ cidr: '0.0.0.0/0' }] } }),
    'mesh-policy: change NetworkAuthentication/nats-broker-from-host',
  ),
  {
    name: "a leaf's account is gone, and its token with it",
    on: 'vm-a',
    break: `${remove('serviceaccount link-cluster-b', EXTENSION)}; k -n ${EXTENSION} wait --for=delete secret/link-cluster-b-token --timeout=30s`,
    steps: [
      `cluster-b link: create ServiceAccount/linkerd-multicluster/link-cluster-b on cluster-a`,
      `cluster-b link: create Secret/linkerd-multicluster/link-cluster-b-token on cluster-a`,
      'cluster-b link: change Secret/linkerd-multicluster/cluster-credentials-cluster-a',
    ],
  },
  {
    name: 'the rights of a leaf are gone',
    on: 'vm-a',
    break: remove('clusterrolebinding link-cluster-b'),
    steps: ['cluster-b link: create ClusterRoleBinding/link-cluster-b on cluster-a'],
  },
  onLeaf(
    "the gateway's address",
    patch('link cluster-a', { spec: { gatewayAddress: '192.0.2.1' } }, EXTENSION),
    'link: change Link/linkerd-multicluster/cluster-a',
    `link: restart ${CONTROLLER}`,
  ),
  onLeaf(
    "the control plane's credentials are gone",
    remove('secret cluster-credentials-cluster-a', 'linkerd'),
    'link: create Secret/linkerd/cluster-credentials-cluster-a',
  ),
  onLeaf(
    'who else may dial the leaf node',
    patch('authorizationpolicy nats-leaf-client-from-host', ACCOUNT_ONLY),
    'mesh-policy: change AuthorizationPolicy/nats-leaf-client-from-host',
  ),
  onLeaf(
    'the opaque ports of a Service',
    'k -n nats-system annotate service nats-leaf config.linkerd.io/opaque-ports-',
    'leaf-node: change Service/nats-leaf',
  ),
];

/** A certificate that is issued again changes the Secret with it; a server loads it, and a client reads it by itself. */
export const CERTIFICATES: SeededChange[] = [
  inStore(
    "a cluster's issuer is gone",
    'rm linkerd/issuer-cluster-b.crt',
    'cluster-b certificates: create certificate linkerd/issuer-cluster-b',
    `cluster-b linkerd: change Linkerd control plane ${MESH_DOUBLE_VERSION}`,
  ),
  inStore(
    'the certificate of the broker is damaged',
    'echo damaged > nats/broker/server.crt',
    'cluster-a certificates: change certificate nats/broker/server',
    'cluster-a nats-secrets: change Secret/nats-broker-tls',
    'cluster-a broker: change StatefulSet/nats-broker',
    'cluster-a broker: reload certificates of the NATS server',
  ),
  inStore(
    'the key of a leaf node is gone',
    'rm nats/leaf/server-cluster-b.key.age',
    'cluster-b certificates: change certificate nats/leaf/server-cluster-b',
    'cluster-b nats-secrets: change Secret/nats-leaf-tls',
    'cluster-b leaf-node: change StatefulSet/nats-leaf',
    'cluster-b leaf-node: reload certificates of the NATS server',
  ),
  inStore(
    'the certificate of the subscriber is gone',
    'rm nats/clients/subscriber.crt',
    'cluster-a certificates: create certificate nats/clients/subscriber',
    'cluster-b nats-secrets: change Secret/subscriber-tls',
  ),
  inStore(
    'a certificate for checks is gone',
    'rm nats/clients/probe.crt',
    'cluster-a certificates: create certificate nats/clients/probe',
  ),
];
