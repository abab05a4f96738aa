import { drift, NO_LINK, PAIR, type Fault } from './above.js';

/** With NGINX as the edge. */
export const OF_EDGES: readonly Fault[] = [
  [
    'NGINX is down',
    {
      'edge-available@cluster-a': '0 of 1 pods of nginx-ingress are available',
      [`broker-port-open@${PAIR}`]: 'nothing listens',
      [`client-port-open@${PAIR}`]: 'nothing listens',
      'broker-accepts-probe@cluster-a': 'the client did not get in',
      ...NO_LINK,
    },
    'edge-available@cluster-a',
  ],
  [
    'the route of the leaf nodes is changed',
    {
      ...drift('cluster-a/nginx-edge', 'TransportServer/nats-leaf was changed'),
      'edge-routes-valid@cluster-a': 'TransportServer nats-leaf is Warning',
      'edge-passes-tls@cluster-a': 'closed before INFO',
      ...NO_LINK,
    },
    'part-as-wanted@cluster-a/nginx-edge',
  ],
  [
    'a NAT hides the address of a reader on the list',
    { 'monitoring-obeys-list@cluster-b': 'the monitoring refuses 192.0.2.20, which is on the list' },
    'monitoring-obeys-list@cluster-b',
  ],
];
