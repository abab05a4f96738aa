import { outboundTo, type ProxyConnection } from './connections.js';
import { NATS_PORTS } from '../nats/names.js';

/** Where the link of a leaf node goes, by its own server and by its proxy. */
export interface PathSeen {
  /** address:port that the server dialled; empty without a link. */
  dialled: string[];
  /** Of the mirrored Service; undefined: it is not there, and gets another address when it is mirrored again. */
  clusterIp: string | undefined;
  connections: ProxyConnection[];
}

/**
 * Addresses by which the link goes and which lead nowhere any more: a link stays up over a mirrored Service that was made
 * again, and over a gateway that has moved to another port, until something cuts it. Empty: the path is right, or there is no link.
 */
export function formerPath(
  { dialled, clusterIp, connections }: PathSeen,
  { mirror, gateway }: { mirror: string; gateway: string },
): string[] {
  const services = dialled.filter((address) => address !== `${clusterIp ?? ''}:${NATS_PORTS.leaf}`);
  const gateways = outboundTo(mirror, connections).map(({ target }) => target);
  return [...services, ...gateways.filter((target) => target !== gateway)];
}
