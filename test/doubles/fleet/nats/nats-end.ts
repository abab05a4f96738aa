import type { AnySpec } from '../cluster/objects.js';
import type { HostModel } from '../hosts/host-model.js';
import type { TunnelEnd, World } from '../world.js';

/** A port of a NATS server that runs. */
export interface NatsEnd {
  host: HostModel;
  app: 'nats-broker' | 'nats-leaf';
  port: string;
}

type Port = NonNullable<AnySpec['ports']>[number];

/** The server behind an address as the host sees it: a Service of its cluster, or a NodePort of another host. */
export function serverBehind(world: World, { from, address, port }: TunnelEnd): NatsEnd | undefined {
  const other = world.hostAt(address);
  return other === undefined
    ? endIn(from, (spec, candidate) => spec.clusterIP === address && candidate.port === port)
    : endIn(other, (_, candidate) => candidate.nodePort === port);
}

function endIn(host: HostModel, leads: (spec: AnySpec, port: Port) => boolean): NatsEnd | undefined {
  const { store, broker, leafNode } = host.cluster;
  for (const { stored } of store.all('Service')) {
    const { spec = {} } = store.live(stored);
    const port = spec.ports?.find((candidate) => leads(spec, candidate));
    const app = spec.selector?.['app'];
    if (port?.name === undefined || (app !== 'nats-broker' && app !== 'nats-leaf')) continue;
    const runs = (app === 'nats-broker' ? broker : leafNode).settle() !== undefined;
    return runs ? { host, app, port: port.name } : undefined;
  }
  return undefined;
}
