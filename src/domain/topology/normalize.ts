import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import { given } from '../../contract/topology/given.js';
import type { Cluster, Host, Link, Topology } from '../../contract/topology/topology.js';

type ClusterFile = TopologyFile['broker'];
type HostFile = ClusterFile['hosts'][number];
type JumpFile = NonNullable<HostFile['ssh']['jump']>[number];

/** Turns a path of the file into an absolute one. The caller knows the file's directory and the user's home. */
export type ResolvePath = (path: string) => string;

/** The parsed file with every default filled in. */
export function normalizeTopology(file: TopologyFile, resolvePath: ResolvePath): Topology {
  const { bundle, mirror } = file.artifacts;
  const { publishEvery, ...nats } = file.nats;
  return {
    name: file.name,
    broker: normalizeCluster(file.broker, 'broker', resolvePath),
    leaves: file.leaves.map((leaf) => normalizeCluster(leaf, 'leaf', resolvePath)),
    link: normalizeLink(file.link),
    nats: { ...nats, publishEverySeconds: Number.parseInt(publishEvery, 10) },
    k3s: file.k3s,
    linkerd: file.linkerd,
    ...(file.firewall === 'manage' ? { firewall: file.firewall } : {}),
    approvals: [...new Set(file.approvals)],
    rollout: file.rollout,
    artifacts:
      bundle === undefined
        ? { from: 'releases', ...(mirror === undefined ? {} : { mirror }) }
        : { from: 'bundle', folder: resolvePath(bundle) },
    ...given({ tools: file.tools }),
  };
}

const normalizeCluster = (cluster: ClusterFile, role: Cluster['role'], resolvePath: ResolvePath): Cluster => ({
  name: cluster.name,
  role,
  hosts: cluster.hosts.map((host, index) => normalizeHost(host, cluster.name, index, resolvePath)),
});

const normalizeHost = (host: HostFile, cluster: string, index: number, resolvePath: ResolvePath): Host => ({
  name: host.name ?? `${cluster}-${index + 1}`,
  cluster,
  ssh: {
    ...normalizeTarget(host.ssh, resolvePath),
    ...given({ jump: host.ssh.jump?.map((target) => normalizeTarget(target, resolvePath)) }),
  },
  internalAddress: host.internalAddress ?? host.ssh.address,
  externalAddress: host.externalAddress ?? host.ssh.address,
  adopt: host.adopt,
});

function normalizeTarget({ address, port, user, privateKeyFile, hostKey }: JumpFile, resolvePath: ResolvePath) {
  const path = privateKeyFile === undefined ? undefined : resolvePath(privateKeyFile);
  return { address, ...given({ port, user, privateKeyFile: path, hostKey }) };
}

/** Ports of the gateway as in reference values of Linkerd multicluster, or the NodePorts that leafspan names. */
const GATEWAY_PORTS = {
  loadBalancer: { port: 4143, probePort: 4191 },
  nodePort: { port: 30_143, probePort: 30_191 },
} as const;

export function normalizeLink(link: TopologyFile['link']): Link {
  if (link.mode === 'direct') return { mode: 'direct' };
  const exposure = link.gateway?.exposure ?? 'loadBalancer';
  const ports = GATEWAY_PORTS[exposure];
  return {
    mode: 'mesh',
    gateway: {
      exposure,
      port: link.gateway?.port ?? ports.port,
      probePort: link.gateway?.probePort ?? ports.probePort,
    },
  };
}
