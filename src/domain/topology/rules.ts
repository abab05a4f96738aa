import { accountRules } from './account-rules.js';
import { edgeRules } from './edge-rules.js';
import { streamRules } from './stream-rules.js';
import { innerRanges, sameMachines } from './address-rules.js';
import type { BrokenRule } from './broken-rule.js';
import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import { routeText, SSH_PORT } from '../../contract/topology/topology.js';
import { normalizeLink } from './normalize.js';
import { TOOL_NAMES } from '../artifacts/tools.js';
import { pathText } from './path-text.js';

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** Every rule that spans several fields. All problems are reported at once. */
export function brokenRules(file: TopologyFile): BrokenRule[] {
  return [
    ...duplicateClusters(file),
    ...duplicateHosts(file),
    ...sameMachines(file),
    ...innerRanges(file),
    ...addressesMissing(file),
    ...gatewayInDirectMode(file),
    ...gatewayPorts(file),
    ...collidingPorts(file),
    ...edgeRules(file),
    ...twoArtifactSources(file),
    ...unknownTools(file),
    ...accountRules(file),
    ...streamRules(file),
  ];
}

type PathedCluster = { path: (string | number)[]; cluster: TopologyFile['broker'] };

const pathedClusters = (file: TopologyFile): PathedCluster[] => [
  { path: ['broker'], cluster: file.broker },
  ...file.leaves.map((cluster, index) => ({ path: ['leaves', index], cluster })),
];

function duplicateClusters(file: TopologyFile): BrokenRule[] {
  const seen = new Map<string, string>();
  return pathedClusters(file).flatMap(({ path, cluster }) => {
    const first = seen.get(cluster.name);
    if (first === undefined) {
      seen.set(cluster.name, path.join('.'));
      return [];
    }
    const message =
      first === 'broker'
        ? `leaf "${cluster.name}" has the name of the broker cluster`
        : `"${cluster.name}" is also the name of ${first}`;
    return [{ path: [...path, 'name'], message, remedy: 'give each cluster a unique name' }];
  });
}

function duplicateHosts(file: TopologyFile): BrokenRule[] {
  const addresses = new Map<string, string>();
  const names = new Map<string, string>();
  return pathedClusters(file).flatMap(({ path, cluster }) =>
    cluster.hosts.flatMap((host, index) => {
      const broken: BrokenRule[] = [];
      const target = routeText(host.ssh);
      const name = host.name ?? `${cluster.name}-${index + 1}`;
      const sameAddress = addresses.get(target);
      if (sameAddress !== undefined)
        broken.push({
          path: [...path, 'hosts', index, 'ssh', 'address'],
          message: `"${host.ssh.address}" is also the host of cluster "${sameAddress}"`,
          remedy: 'a host runs one cluster; name another host',
        });
      const sameName = names.get(name);
      if (sameName !== undefined && sameAddress === undefined && sameName !== cluster.name)
        broken.push({
          path: [...path, 'hosts', index, 'name'],
          message: `"${name}" is also the name of a host of cluster "${sameName}"`,
          remedy: 'give each host a unique name',
        });
      addresses.set(target, cluster.name);
      names.set(name, cluster.name);
      return broken;
    }),
  );
}

function addressesMissing(file: TopologyFile): BrokenRule[] {
  return pathedClusters(file).flatMap(({ path, cluster }) =>
    cluster.hosts.flatMap((host, index) =>
      IPV4.test(host.ssh.address)
        ? []
        : (['internalAddress', 'externalAddress'] as const)
            .filter((field) => host[field] === undefined)
            .map((field) => ({
              path: [...path, 'hosts', index],
              message: `${field} is missing, and ssh.address "${host.ssh.address}" is ${host.ssh.address.includes(':') ? 'an IPv6 address' : 'a name'}`,
              remedy: `write ${field} as an IPv4 address`,
            })),
    ),
  );
}

const gatewayInDirectMode = (file: TopologyFile): BrokenRule[] =>
  file.link.mode === 'direct' && file.link.gateway !== undefined
    ? [
        {
          path: ['link', 'gateway'],
          message: 'link.mode "direct" has no gateway',
          remedy: 'remove link.gateway, or use mode: mesh',
        },
      ]
    : [];

const LOAD_BALANCER = { port: 4143, probePort: 4191 } as const;

function gatewayPorts({ link: { mode, gateway } }: TopologyFile): BrokenRule[] {
  if (mode !== 'mesh' || gateway === undefined) return [];
  return (['port', 'probePort'] as const).flatMap((field) => {
    const value = gateway[field];
    if (value === undefined) return [];
    const problem = (message: string, remedy: string): BrokenRule[] => [
      { path: ['link', 'gateway', field], message, remedy },
    ];
    // The gateway's proxy listens on Linkerd's own ports; only a NodePort leads there from another number.
    if (gateway.exposure === 'loadBalancer')
      return value === LOAD_BALANCER[field]
        ? []
        : problem(`${value} is not ${LOAD_BALANCER[field]}`, 'leave it out, or use exposure: nodePort');
    return value < 30_000 || value > 32_767
      ? problem(`${value} is not between 30000 and 32767`, 'choose a port of that range')
      : [];
  });
}

/** Ports of the broker's host, defaults included: each of them can be opened once. */
function collidingPorts(file: TopologyFile): BrokenRule[] {
  const { nats, broker, link } = file;
  const normalized = normalizeLink(link);
  const [host] = broker.hosts;
  const ports: [path: BrokenRule['path'], port: number][] = [
    [['nats', 'clientNodePort'], nats.clientNodePort],
    [['nats', 'leafNodePort'], nats.leafNodePort],
  ];
  if (nats.monitoring !== undefined) ports.push([['nats', 'monitoring', 'port'], nats.monitoring.port]);
  // Behind an address translation the SSH port is another one on the host itself.
  if (host !== undefined && (host.externalAddress ?? host.ssh.address) === host.ssh.address)
    ports.unshift([['broker', 'hosts', 0, 'ssh', 'port'], host.ssh.port ?? SSH_PORT]);
  if (normalized.mode === 'mesh')
    ports.push(
      [['link', 'gateway', 'port'], normalized.gateway.port],
      [['link', 'gateway', 'probePort'], normalized.gateway.probePort],
    );
  return ports.flatMap(([path, port], index) => {
    const first = ports.slice(0, index).find(([, other]) => other === port);
    return first === undefined
      ? []
      : [{ path, message: `${port} is also ${pathText(first[0])}`, remedy: 'choose another port' }];
  });
}

const twoArtifactSources = (file: TopologyFile): BrokenRule[] =>
  file.artifacts.bundle !== undefined && file.artifacts.mirror !== undefined
    ? [
        {
          path: ['artifacts', 'mirror'],
          message: 'artifacts names a bundle and a mirror',
          remedy: 'keep one of the two',
        },
      ]
    : [];

/** A bundle may have others. */
const unknownTools = ({ tools = [], artifacts: { bundle } }: TopologyFile): BrokenRule[] =>
  tools.flatMap((tool, index) =>
    bundle !== undefined || TOOL_NAMES.includes(tool)
      ? []
      : [
          {
            path: ['tools', index],
            message: `"${tool}" is no tool that leafspan downloads`,
            remedy: `write some of ${TOOL_NAMES.join(', ')}, or use a bundle that has it`,
          },
        ],
  );
