import { clustersOf, loginText, type Cluster, type Topology } from '../../contract/topology/topology.js';

/** Temporal takes 20,000 bytes of details. */
const MAX_CLUSTERS = 50;

/** The topology as markdown, for the Web UI's page of the run. */
export function describeRun(topology: Topology): string {
  const { name, link, nats, k3s } = topology;
  const clusters = clustersOf(topology);
  const more = clusters.length - MAX_CLUSTERS;
  return [
    `### Topology \`${name}\``,
    '',
    `Link mode **${link.mode}** · subject \`${nats.subject}\` every ${nats.publishEverySeconds} s · K3s ${k3s.version}`,
    '',
    ...clusters.slice(0, MAX_CLUSTERS).flatMap(hostLines),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}

const hostLines = ({ name, role, hosts }: Cluster): string[] =>
  hosts.map(
    (host) => `- **${name}** (${role}) on ${host.name}, ${loginText(host.ssh)}, reached at ${host.externalAddress}`,
  );
