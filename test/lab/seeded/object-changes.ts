import { onHub, onLeaf, patch, remove, replace, type SeededChange } from './change.js';

const OWNER = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } };
const OTHER_APP = { spec: { selector: { app: 'other' } } };
const OTHER_CERTIFICATE = { data: { 'tls.crt': btoa('by hand') } };
const CONFIG = { data: { 'nats.conf': '# by hand' } };

export const FIELDS: SeededChange[] = [
  onHub(
    'a level of pod security',
    patch('namespace nats-system', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } }),
    'nats-secrets: change Namespace/nats-system',
  ),
  onHub(
    'a certificate of a Secret',
    patch('secret nats-broker-tls', OTHER_CERTIFICATE),
    'nats-secrets: change Secret/nats-broker-tls',
  ),
  onHub(
    'the configuration of the broker',
    patch('configmap nats-broker-config', CONFIG),
    'broker: change ConfigMap/nats-broker-config',
    'broker: reload configuration of the broker',
  ),
  onHub(
    'the selector of a Service',
    patch('service nats-broker-client', OTHER_APP),
    'broker: change Service/nats-broker-client',
  ),
  onHub(
    'the target of a port',
    replace('service nats-broker', '/spec/ports/0/targetPort', 7423),
    'broker: change Service/nats-broker',
  ),
  onHub(
    'a port of the host',
    replace('service nats-broker-external', '/spec/ports/0/nodePort', 30999),
    'external-ports: change Service/nats-broker-external',
  ),
  onHub(
    'the peers of a NetworkPolicy',
    patch('networkpolicy nats-broker', { spec: { ingress: [{}] } }),
    'broker: change NetworkPolicy/nats-broker',
  ),
  onHub(
    'the owner of a ServiceAccount',
    patch('serviceaccount publisher', OWNER),
    'publisher: change ServiceAccount/publisher',
  ),
  onHub(
    'the number of publishers',
    'k -n nats-system scale deployment publisher --replicas=0',
    'publisher: change Deployment/publisher',
  ),
  onLeaf(
    'a port of a Service, which only a new object brings back',
    replace('service nats-leaf', '/spec/ports/0/port', 4223),
    'leaf-node: change Service/nats-leaf',
  ),
  onLeaf(
    'a key of a Secret',
    patch('secret nats-leaf-client-tls', { data: { 'tls.key': '' } }),
    'nats-secrets: change Secret/nats-leaf-client-tls',
  ),
  onLeaf('the owner of a Secret', patch('secret subscriber-tls', OWNER), 'nats-secrets: change Secret/subscriber-tls'),
  onLeaf(
    'the configuration of the leaf node',
    patch('configmap nats-leaf-config', CONFIG),
    'leaf-node: change ConfigMap/nats-leaf-config',
  ),
  onLeaf(
    'the image of the leaf node',
    'k -n nats-system set image statefulset nats-leaf nats=docker.io/library/nats:0',
    'leaf-node: change StatefulSet/nats-leaf',
  ),
  onLeaf(
    'the command of the subscriber',
    replace('deployment subscriber', '/spec/template/spec/containers/0/command/2', 'sleep 3600'),
    'subscriber: change Deployment/subscriber',
  ),
];

export const DELETED: SeededChange[] = [
  onHub('a Secret', remove('secret publisher-tls'), 'nats-secrets: create Secret/publisher-tls'),
  onHub(
    'the configuration of the broker',
    remove('configmap nats-broker-config'),
    'broker: create ConfigMap/nats-broker-config',
    'broker: reload configuration of the broker',
  ),
  onHub('a Service', remove('service nats-broker-client'), 'broker: create Service/nats-broker-client'),
  onHub(
    'the ports of the host',
    remove('service nats-broker-external'),
    'external-ports: create Service/nats-broker-external',
  ),
  onHub('a ServiceAccount', remove('serviceaccount nats-broker'), 'broker: create ServiceAccount/nats-broker'),
  onHub('a NetworkPolicy', remove('networkpolicy publisher'), 'publisher: create NetworkPolicy/publisher'),
  onHub('the publisher', remove('deployment publisher'), 'publisher: create Deployment/publisher'),
  onLeaf('a headless Service', remove('service nats-leaf-headless'), 'leaf-node: create Service/nats-leaf-headless'),
  onLeaf(
    'the NetworkPolicy of the leaf node',
    remove('networkpolicy nats-leaf'),
    'leaf-node: create NetworkPolicy/nats-leaf',
  ),
  onLeaf('the leaf node', remove('statefulset nats-leaf'), 'leaf-node: create StatefulSet/nats-leaf'),
  onLeaf(
    'a ServiceAccount of the leaf',
    remove('serviceaccount subscriber'),
    'subscriber: create ServiceAccount/subscriber',
  ),
];
