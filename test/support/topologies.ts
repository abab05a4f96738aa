import type { Cluster, Gateway, Host, Topology } from '../../src/contract/topology/topology.js';

export const hostNamed = (name: string, cluster: string, address: string): Host => ({
  name,
  cluster,
  ssh: { address, port: 22, user: 'ubuntu' },
  internalAddress: address,
  externalAddress: address,
  adopt: false,
});

/** Two clusters in direct mode, at addresses that nothing answers on. */
export const twoClusters = (changes: Partial<Topology> = {}): Topology => ({
  name: 'plant-7',
  broker: { name: 'cluster-a', role: 'broker', hosts: [hostNamed('vm-a', 'cluster-a', '192.0.2.10')] },
  leaves: [{ name: 'cluster-b', role: 'leaf', hosts: [hostNamed('vm-b', 'cluster-b', '192.0.2.20')] }],
  link: { mode: 'direct' },
  nats: {
    subject: 'test.messages',
    publishEverySeconds: 5,
    edge: 'nodePort',
    clientNodePort: 30_422,
    leafNodePort: 30_722,
    images: { server: 'nats:2.15.2-alpine', box: 'natsio/nats-box:0.19.7' },
  },
  k3s: { version: 'v1.36.3+k3s1', clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' },
  linkerd: { version: 'edge-26.8.3' },
  approvals: [],
  rollout: { concurrency: 20, canary: 1, maxFailures: '10%' },
  artifacts: { from: 'releases' },
  ...changes,
});

/** NGINX before the broker, and its monitoring open to one range. */
export const nginxEdge = (): Pick<Topology, 'nats'> => ({
  nats: { ...twoClusters().nats, edge: 'nginx', monitoring: { allow: ['192.0.2.16/28'], port: 30_443 } },
});

export const twoLeaves = (): Cluster[] => [
  { name: 'cluster-b', role: 'leaf', hosts: [hostNamed('vm-b', 'cluster-b', '192.0.2.20')] },
  { name: 'cluster-c', role: 'leaf', hosts: [hostNamed('vm-c', 'cluster-c', '192.0.2.30')] },
];

/** `leaf-1` on `host-1`, `leaf-2` on `host-2` and so on. */
export const manyLeaves = (count: number): Cluster[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `leaf-${index + 1}`;
    const address = `198.51.${100 + Math.floor(index / 250)}.${(index % 250) + 1}`;
    return { name, role: 'leaf', hosts: [hostNamed(`host-${index + 1}`, name, address)] };
  });

export const GATEWAY: Gateway = { exposure: 'nodePort', port: 30_143, probePort: 30_191 };

export const LOAD_BALANCER: Gateway = { exposure: 'loadBalancer', port: 4143, probePort: 4191 };

/** What makes a topology one in mesh mode. */
export const meshMode: Pick<Topology, 'link'> = { link: { mode: 'mesh', gateway: GATEWAY } };
