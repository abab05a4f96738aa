import { drift, NO_GATEWAY, NO_LINK, PAIR, type Fault } from './above.js';

export const OF_SYSTEMS: readonly Fault[] = [
  [
    "the hub's host is off",
    {
      'host-responds@cluster-a': 'no SSH response',
      [`hub-reachable@${PAIR}`]: 'no response',
      [`gateway-reachable@${PAIR}`]: 'no response',
      ...NO_GATEWAY,
    },
    'host-responds@cluster-a',
  ],
  [
    "the leaf's host is off",
    { 'host-responds@cluster-b': 'no SSH response', 'broker-lists-leaves@cluster-a': '1 of 1 is missing' },
    'host-responds@cluster-b',
  ],
  [
    "sshd of the leaf's host forwards nothing",
    { 'host-forwards@cluster-b': 'forbidden', 'api-server-ready@cluster-b': 'no API' },
    'host-forwards@cluster-b',
  ],
  [
    "another installation holds the leaf's host",
    { 'host-is-ours@cluster-b': 'another CA', ...drift('cluster-b/leaf-node'), ...NO_LINK },
    'host-is-ours@cluster-b',
  ],
  [
    "the clock of the leaf's host is wrong",
    {
      'host-clock@cluster-b': '3600 s',
      'control-plane-available@cluster-b': 'identity crashes',
      'pods-meshed@cluster-b': 'not Ready',
      ...NO_LINK,
    },
    'host-clock@cluster-b',
  ],
  [
    "the disk of the hub's host is full",
    {
      'host-has-room@cluster-a': '1 % free',
      'node-has-room@cluster-a': 'DiskPressure',
      'broker-ready@cluster-a': 'evicted',
    },
    'host-has-room@cluster-a',
  ],
  [
    'K3s of the leaf is stopped',
    { 'api-server-ready@cluster-b': 'k3s.service: inactive', 'kubernetes-ready@cluster-b': 'k3s.service: inactive' },
    'api-server-ready@cluster-b',
  ],
  [
    'K3s of the hub is stopped',
    {
      'api-server-ready@cluster-a': 'k3s.service: inactive',
      'kubernetes-ready@cluster-a': 'inactive',
      [`hub-api-open@${PAIR}`]: 'nothing listens',
      'link-healthy@cluster-b': 'credentials',
    },
    'api-server-ready@cluster-a',
  ],
  [
    "K3s's certificates have expired",
    {
      'k3s-certificates-valid@cluster-a': 'expired: 5',
      'k3s-certificates-last@cluster-a': '-1 days',
      'api-server-ready@cluster-a': 'x509',
    },
    'k3s-certificates-valid@cluster-a',
  ],
  [
    "K3s's configuration was edited and it ends at each start",
    { ...drift('cluster-b/k3s'), 'api-server-ready@cluster-b': 'K3s ends', 'kubernetes-ready@cluster-b': 'K3s ends' },
    'part-as-wanted@cluster-b/k3s',
  ],
  [
    'the node is NotReady',
    {
      'node-ready@cluster-b': 'NotReady',
      'cluster-dns-runs@cluster-b': '0 of 1',
      'kubernetes-ready@cluster-b': 'node: not Ready',
    },
    'node-ready@cluster-b',
  ],
  [
    'CoreDNS is scaled to zero',
    { 'cluster-dns-runs@cluster-b': 'scaled to zero', 'kubernetes-ready@cluster-b': 'coredns', ...NO_LINK },
    'cluster-dns-runs@cluster-b',
  ],
  [
    'an image is missing',
    {
      'images-imported@cluster-b': 'nats',
      'leaf-ready@cluster-b': 'ErrImagePull',
      'pods-meshed@cluster-b': 'not Ready',
    },
    'images-imported@cluster-b',
  ],
  [
    'a server certificate has expired',
    {
      'certificates-fit@cluster-a': 'expired',
      'certificates-last@cluster-a': '-1 days',
      ...drift('cluster-a/nats-secrets'),
      'broker-accepts-probe@cluster-a': 'expired',
      ...NO_LINK,
    },
    'certificates-fit@cluster-a',
  ],
  [
    'a certificate expires soon',
    { 'certificates-last@cluster-b': '20 days', ...drift('cluster-b/nats-secrets') },
    'certificates-last@cluster-b',
  ],
];
