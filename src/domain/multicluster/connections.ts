import { PROXY_ADMIN_PORT } from '../linkerd/names.js';
import { NATS_NAMESPACE } from '../nats/names.js';

/** One line of the proxy's metric `tcp_open_connections`: who is connected with whom, and whether by mutual TLS. */
export interface ProxyConnection {
  direction: string;
  peer: string;
  /** Address that was dialled, by name; outbound only. */
  authority?: string;
  target: string;
  tls: boolean;
  serverId?: string;
  clientId?: string;
  open: number;
}

/** The metrics of the proxy beside a cluster's NATS server, through the API server. */
export const metricsPath = (app: 'nats-broker' | 'nats-leaf'): string =>
  `/api/v1/namespaces/${NATS_NAMESPACE}/pods/${app}-0:${PROXY_ADMIN_PORT}/proxy/metrics`;

/** Open connections of a proxy to a name and port. */
export const outboundTo = (authority: string, connections: readonly ProxyConnection[]): ProxyConnection[] =>
  connections.filter((seen) => seen.direction === 'outbound' && seen.authority === authority && seen.open > 0);

const LINE = /^tcp_open_connections\{([^}]*)\} (\d+)$/;
const LABEL = /(\w+)="([^"]*)"/g;

export function parseConnections(metrics: string): ProxyConnection[] {
  return metrics.split('\n').flatMap((line) => {
    const [, labels, open] = LINE.exec(line) ?? [];
    if (labels === undefined) return [];
    const label = new Map([...labels.matchAll(LABEL)].map(([, name, value]) => [name, value]));
    const [authority, serverId, clientId] = ['authority', 'server_id', 'client_id'].map((name) => label.get(name));
    return [
      {
        direction: label.get('direction') ?? '',
        peer: label.get('peer') ?? '',
        target: label.get('target_addr') ?? '',
        tls: label.get('tls') === 'true',
        open: Number(open),
        ...(authority === undefined ? {} : { authority }),
        ...(serverId === undefined ? {} : { serverId }),
        ...(clientId === undefined ? {} : { clientId }),
      },
    ];
  });
}
