import type { Link, NatsSettings } from '../../contract/topology/topology.js';

/** One end of a way: on whose host a client runs, and at whose NATS server it connects. Names of clusters. */
export interface End {
  host: string;
  server: string;
  /** By its Service in the cluster, or by the port of the broker's host that is open to clients outside. */
  by: 'service' | 'port';
}

/** A way that messages take: one client asks and counts the time, another one answers. */
export interface Way {
  kind: 'inside' | 'linked' | 'straight';
  title: string;
  asks: End;
  answers: End;
}

export interface Between {
  hub: string;
  leaf: string;
  /** Both directions are measured; this one comes first. */
  from: string;
  mode: Link['mode'];
  edge: NatsSettings['edge'];
}

const WITHOUT = { mesh: 'without mesh and leaf node', direct: 'without leaf node' } as const;

const inCluster = (cluster: string): End => ({ host: cluster, server: cluster, by: 'service' });

/** Inside each cluster, over the link, and straight at the broker as clients outside get in. */
export function waysOf({ hub, leaf, from, mode, edge }: Between): Way[] {
  const pairs =
    from === hub ? [[hub, leaf] as const, [leaf, hub] as const] : [[leaf, hub] as const, [hub, leaf] as const];
  const outside = (cluster: string): End =>
    cluster === hub ? inCluster(hub) : { host: cluster, server: hub, by: 'port' };
  const without = edge === 'nginx' ? 'through NGINX' : WITHOUT[mode];
  return [
    ...[hub, leaf].map((cluster): Way => ({
      kind: 'inside',
      title: `inside ${cluster}`,
      asks: inCluster(cluster),
      answers: inCluster(cluster),
    })),
    ...pairs.map(([one, other]): Way => ({
      kind: 'linked',
      title: `${one} → ${other}`,
      asks: inCluster(one),
      answers: inCluster(other),
    })),
    ...pairs.map(([one, other]): Way => ({
      kind: 'straight',
      title: `${one} → ${other}, ${without}`,
      asks: outside(one),
      answers: outside(other),
    })),
  ];
}
