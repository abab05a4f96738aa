import { drift, NO_LINK, PAIR, type Fault } from './above.js';

export const OF_DIRECT_LINKS: readonly Fault[] = [
  [
    "a firewall drops the broker's port for leaf nodes",
    { [`broker-port-open@${PAIR}`]: 'no response', ...NO_LINK },
    `broker-port-open@${PAIR}`,
  ],
  [
    'the external ports are deleted',
    {
      ...drift('cluster-a/external-ports', 'Service/nats-broker-external is missing'),
      [`broker-port-open@${PAIR}`]: 'nothing listens',
      'broker-accepts-probe@cluster-a': 'refused',
      ...NO_LINK,
    },
    'part-as-wanted@cluster-a/external-ports',
  ],
  [
    'a firewall drops the port for clients',
    { [`client-port-open@${PAIR}`]: 'no response' },
    `client-port-open@${PAIR}`,
  ],
];
