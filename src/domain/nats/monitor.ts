import { parseObject } from '../../contract/json.js';
import { NATS_NAMESPACE, NATS_PORTS } from './names.js';

/** A page of a NATS server's monitoring, such as `leafz`, through the API server, which gets through mesh and policy. */
export const monitorPath = (app: 'nats-broker' | 'nats-leaf', page: string): string =>
  `/api/v1/namespaces/${NATS_NAMESPACE}/pods/https:${app}-0:${NATS_PORTS.monitor}/proxy/${page}`;

/** One end of a link between a leaf node and the broker, as the server at that end reports it. */
export interface LeafLink {
  /** Of the server at the other end. */
  name: string;
  account: string;
  /** Reported by the server that dialled. */
  is_spoke: boolean;
  rtt?: string;
  ip?: string;
  port?: number;
  /** Subjects that the other end listens to, when they were asked for. */
  subscriptions_list?: string[];
}

export interface Leafz {
  leafs: LeafLink[];
}

/** The server leaves an empty list out. */
export function parseLeafz(body: string): Leafz {
  const { leafs = [] } = parseObject<Partial<Leafz>>(body, {});
  return { leafs };
}

/** address:port of the links that the server dialled. */
export const dialledBy = ({ leafs }: Leafz): string[] =>
  leafs.filter(({ is_spoke }) => is_spoke).map(({ ip, port }) => `${ip ?? '?'}:${port ?? '?'}`);
