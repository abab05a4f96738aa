import { drift, NO_GATEWAY, NO_LINK, NO_MESSAGES, NO_MIRROR, PAIR, type Fault } from './above.js';

export const OF_LINKS: readonly Fault[] = [
  [
    'everything between the hosts is dropped',
    {
      [`hub-reachable@${PAIR}`]: 'no response on any port',
      [`gateway-reachable@${PAIR}`]: 'no response',
      ...NO_GATEWAY,
    },
    `hub-reachable@${PAIR}`,
  ],
  [
    "a firewall drops the gateway's port",
    { [`gateway-reachable@${PAIR}`]: 'no response', ...NO_LINK, ...NO_MESSAGES },
    `gateway-reachable@${PAIR}`,
  ],
  [
    "a firewall drops the gateway's probe port",
    { [`gateway-probe-open@${PAIR}`]: 'no response', ...NO_GATEWAY },
    `gateway-probe-open@${PAIR}`,
  ],
  [
    "a firewall drops the port of the hub's API server",
    { [`hub-api-open@${PAIR}`]: 'no response', ...NO_MIRROR },
    `hub-api-open@${PAIR}`,
  ],
  [
    'the gateway is scaled to zero',
    {
      ...drift('cluster-a/gateway', 'spec.replicas'),
      'gateway-available@cluster-a': 'scaled to zero',
      [`gateway-reachable@${PAIR}`]: 'nothing listens',
      [`gateway-probe-open@${PAIR}`]: 'nothing listens',
      ...NO_GATEWAY,
    },
    'part-as-wanted@cluster-a/gateway',
  ],
  [
    'the pod of the gateway does not start',
    { 'gateway-available@cluster-a': 'ErrImagePull', [`gateway-reachable@${PAIR}`]: 'nothing listens', ...NO_GATEWAY },
    'gateway-available@cluster-a',
  ],
  [
    'the Service of the gateway is deleted',
    {
      ...drift('cluster-a/multicluster', 'Service/linkerd-gateway is missing'),
      [`gateway-reachable@${PAIR}`]: 'nothing listens',
      ...NO_GATEWAY,
    },
    'part-as-wanted@cluster-a/multicluster',
  ],
  [
    'the broker is not exported',
    { ...drift('cluster-a/broker', 'metadata.labels'), ...NO_MIRROR, ...NO_LINK },
    'part-as-wanted@cluster-a/broker',
  ],
  [
    'the credentials of the Link are wrong',
    {
      ...drift('cluster-b/link', 'Secret was changed'),
      'link-healthy@cluster-b': 'remote cluster access credentials are valid',
      ...NO_MIRROR,
      ...NO_LINK,
    },
    'part-as-wanted@cluster-b/link',
  ],
  [
    'the hub refuses the credentials of the Link',
    {
      'link-healthy@cluster-b': 'remote cluster access credentials are valid',
      [`service-mirrored@${PAIR}`]: 'not seen',
      ...NO_LINK,
    },
    'link-healthy@cluster-b',
  ],
  [
    'the mirror controller is down',
    {
      ...drift('cluster-b/mirror-controller'),
      'mirror-controller-available@cluster-b': 'scaled to zero',
      [`gateway-alive@${PAIR}`]: 'no link',
      ...NO_MIRROR,
    },
    'part-as-wanted@cluster-b/mirror-controller',
  ],
  [
    'the clusters trust different anchors',
    {
      [`trust-anchor-shared@${PAIR}`]: 'different anchors',
      'link-healthy@cluster-b': 'clusters share trust anchors',
      ...NO_LINK,
      ...NO_MESSAGES,
    },
    `trust-anchor-shared@${PAIR}`,
  ],
  [
    'a pod runs outside the mesh',
    { 'pods-meshed@cluster-b': 'pods run without the proxy: nats-leaf-0', ...NO_LINK },
    'pods-meshed@cluster-b',
  ],
  [
    "Linkerd's control plane is down",
    {
      'control-plane-available@cluster-b': 'crashes',
      'linkerd-healthy@cluster-b': 'no pods',
      'pods-meshed@cluster-b': 'not Ready',
      'leaf-ready@cluster-b': 'not Ready',
    },
    'control-plane-available@cluster-b',
  ],
];
