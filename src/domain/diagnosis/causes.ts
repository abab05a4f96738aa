const DRIFT = 'part-as-wanted';

/** The cluster runs pods. */
const RUNS_PODS = [
  'kubernetes-ready',
  'host-has-room',
  'node-has-room',
  'images-imported',
  'injector-injects',
  'control-plane-available',
];
/** The hub's host answers this leaf. */
const ROUTE = ['hub-reachable', 'hub/host-responds'];
/** What carries the link between leaf node and broker, in either mode. */
const CARRIES_LINK = [
  'broker-port-open',
  'gateway-reachable',
  'gateway-alive',
  'service-mirrored',
  'trust-anchor-shared',
  'pods-meshed',
  'hub/pods-meshed',
  'hub/edge-available',
  'hub/edge-routes-valid',
  'hub/part:external-ports',
  'hub/part:nginx-edge',
  'hub/part:mesh-policy',
];
/** What stands at the hub's ports for NATS. */
const LETS_IN = [
  'hub/broker-ready',
  'hub/edge-available',
  'hub/part:external-ports',
  'hub/part:nginx-edge',
  'hub/part:broker',
];
/** Certificates and clocks with which both ends of a connection verify each other. */
const TRUSTED = ['certificates-fit', 'hub/certificates-fit', 'host-clock', 'hub/host-clock'];

/**
 * For each check those that explain it when they do not hold either: `id` of the same cluster, `hub/id` of the hub,
 * `leaves/id` of each leaf, `part:name` for a part that differs from the topology. What a check needs in order to be looked
 * at explains it too, and is not repeated. A check without a row has no other cause. Nothing explains itself by any way round.
 */
export const CAUSES: Readonly<Record<string, readonly string[]>> = {
  'hub-reachable': ['hub/host-responds', 'hub/part:firewall'],

  'k3s-certificates-valid': ['host-clock'],
  'k3s-certificates-last': ['k3s-certificates-valid', 'host-clock'],
  'api-server-ready': ['host-forwards', 'host-is-ours', 'host-has-room', 'k3s-certificates-valid', 'host-clock'],
  'node-ready': ['host-has-room'],
  'cluster-dns-runs': ['node-ready', 'images-imported'],
  'kubernetes-ready': ['api-server-ready', 'node-ready', 'cluster-dns-runs'],
  'node-has-room': ['host-has-room'],
  'images-imported': ['host-has-room'],

  'certificates-last': ['certificates-fit'],
  [DRIFT]: ['certificates-fit', 'hub/certificates-fit', 'certificates-last', 'hub/certificates-last', 'host-is-ours'],

  'control-plane-available': ['node-has-room', 'images-imported', ...TRUSTED],
  'linkerd-healthy': ['control-plane-available', 'injector-injects', ...TRUSTED],
  'pods-meshed': ['injector-injects', 'control-plane-available', 'broker-ready', 'leaf-ready', 'programs-run'],

  'gateway-available': RUNS_PODS,
  'local-mirror-available': RUNS_PODS,
  'mirror-controller-available': RUNS_PODS,
  'hub-api-open': [...ROUTE, 'hub/api-server-ready'],
  'gateway-reachable': [...ROUTE, 'hub/gateway-available', 'hub/part:gateway', 'hub/part:multicluster'],
  'gateway-probe-open': [...ROUTE, 'hub/gateway-available', 'hub/part:gateway', 'hub/part:multicluster'],
  'gateway-alive': [
    ...ROUTE,
    'gateway-probe-open',
    'gateway-reachable',
    'hub/gateway-available',
    'hub/control-plane-available',
    'mirror-controller-available',
    'hub/part:gateway',
    'hub/part:multicluster',
  ],
  'trust-anchor-shared': ['part:linkerd', 'hub/part:linkerd'],
  'link-healthy': [
    'hub-api-open',
    'gateway-alive',
    'mirror-controller-available',
    'trust-anchor-shared',
    'hub/api-server-ready',
    'hub/broker-ready',
    'hub/part:multicluster',
    'hub/part:broker',
  ],
  'service-mirrored': [
    'link-healthy',
    'hub-api-open',
    'gateway-alive',
    'mirror-controller-available',
    'hub/broker-ready',
    'part:link',
    'hub/part:broker',
  ],

  'broker-ready': RUNS_PODS,
  'broker-lists-leaves': ['leaves/leaf-linked', 'leaves/host-responds'],
  'broker-accepts-probe': [
    'broker-serves-certificate',
    'edge-passes-tls',
    'host-forwards',
    'part:external-ports',
    'part:nginx-edge',
    ...TRUSTED,
  ],
  'broker-serves-certificate': ['certificates-fit', 'part:nats-secrets'],
  'broker-port-open': [...ROUTE, ...LETS_IN],
  'client-port-open': [...ROUTE, ...LETS_IN],

  'edge-available': [...RUNS_PODS, 'part:nginx-edge'],
  'edge-routes-valid': ['part:nginx-edge', 'part:broker'],
  'edge-passes-tls': [
    'edge-routes-valid',
    'broker-serves-certificate',
    'host-forwards',
    'pods-meshed',
    'part:external-ports',
    'part:nginx-edge',
    'part:mesh-policy',
  ],
  'monitoring-obeys-list': [...ROUTE, ...LETS_IN, ...TRUSTED, 'host-forwards'],

  'leaf-ready': RUNS_PODS,
  'leaf-linked': [
    ...CARRIES_LINK,
    ...TRUSTED,
    'hub/broker-ready',
    'hub/broker-serves-certificate',
    'leaf-serves-certificate',
    'cluster-dns-runs',
    'hub/part:broker',
    'hub/part:nats-secrets',
  ],
  'broker-lists-leaf': ['leaf-linked', 'hub/broker-ready', ...CARRIES_LINK],
  'leaf-accepts-probe': ['leaf-serves-certificate', 'host-forwards', ...TRUSTED],
  'leaf-serves-certificate': ['certificates-fit', 'part:nats-secrets'],

  'broker-behind-gateway': ['pods-meshed', 'hub/pods-meshed', 'hub/part:external-ports'],
  'leaf-path-encrypted': ['hub/pods-meshed', 'trust-anchor-shared', 'service-mirrored'],
  'refuses-meshed-without-certificate': [
    'programs-run',
    'pods-meshed',
    'hub/pods-meshed',
    'trust-anchor-shared',
    'hub/broker-ready',
    'gateway-alive',
  ],

  'programs-run': [...RUNS_PODS, 'broker-ready', 'leaf-ready', 'cluster-dns-runs'],
  'message-broker-to-leaf': ['broker-lists-leaf', 'hub/broker-accepts-probe', ...CARRIES_LINK],
  'message-leaf-to-broker': ['broker-lists-leaf', 'hub/broker-accepts-probe', ...CARRIES_LINK],
  'subscriber-receives-publisher': [
    'message-broker-to-leaf',
    'programs-run',
    'hub/programs-run',
    'part:subscriber',
    'hub/part:publisher',
    ...CARRIES_LINK,
  ],

  'accounts-hold': ['broker-accepts-probe', 'part:broker', ...TRUSTED],
  'accounts-cross': [
    'account-links-hold',
    'hub/accounts-hold',
    'hub/broker-accepts-probe',
    'leaf-accepts-probe',
    'leaf-linked',
    'part:leaf-node',
    'hub/part:broker',
  ],
  'account-links-hold': ['hub/broker-ready', 'hub/part:broker', 'certificates-fit', ...TRUSTED],

  'streams-kept': ['broker-accepts-probe', 'leaf-accepts-probe', 'hub/broker-accepts-probe', 'part:streams'],
  'streams-readable': ['streams-kept', 'hub/streams-kept', ...TRUSTED],
  'streams-copied': ['streams-kept', 'hub/streams-kept', 'account-links-hold', 'leaf-linked', ...CARRIES_LINK],
};

/** They say that something is wrong and not what: named first, they are told as unclear. */
export const SYMPTOMS: ReadonlySet<string> = new Set([
  'gateway-alive',
  'service-mirrored',
  'leaf-linked',
  'broker-lists-leaf',
  'broker-lists-leaves',
  'broker-accepts-probe',
  'leaf-accepts-probe',
  'message-broker-to-leaf',
  'message-leaf-to-broker',
  'subscriber-receives-publisher',
]);
