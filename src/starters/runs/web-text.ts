import { clustersOf, type Topology } from '../../contract/topology.js';

/** The topology as markdown, for the Web UI's page of the run. */
export function describeRun(topology: Topology): string {
  const { name, link, nats, k3s } = topology;
  const hosts = clustersOf(topology).flatMap((cluster) =>
    cluster.hosts.map(
      (host) =>
        `- **${cluster.name}** (${cluster.role}) on ${host.name}, ${host.ssh.user}@${host.ssh.address}, reached at ${host.externalAddress}`,
    ),
  );
  return [
    `### Topology \`${name}\``,
    '',
    `Link mode **${link.mode}** · subject \`${nats.subject}\` every ${nats.publishEverySeconds} s · K3s ${k3s.version}`,
    '',
    ...hosts,
  ].join('\n');
}
