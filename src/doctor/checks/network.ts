import { gatewayOf, hubHostOf, isHub, type Scope } from '../../contract/topology/scope.js';
import { SSH_PORT } from '../../contract/topology/topology.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { parseReach, reachScript, type Reach, type ReachTarget } from '../../domain/hosts/reach.js';
import { check, keyOf, type Check } from '../../parts/check.js';
import { partsOf } from '../../parts/list.js';
import type { Site } from '../../parts/site.js';
import { hostResponds } from './host.js';

const API_PORT = 6443;

/** That the host of a leaf reaches each port of the hub's host that its parts dial. One look tries all of them. */
export function networkChecks(scope: Scope): Check[] {
  if (isHub(scope)) return [];
  const targets = partsOf(scope).flatMap((part) => part.dials?.(scope) ?? []);
  return targets.length === 0
    ? []
    : [reachable(scope, targets), ...targets.flatMap((target) => portOpen(scope, targets, target))];
}

const pairOf = ({ settings, cluster }: Scope): string => `${settings.broker.name} → ${cluster.name}`;

function reachable(scope: Scope, targets: readonly ReachTarget[]): Check {
  const { ssh, externalAddress, name } = hubHostOf(scope);
  const { port: sshPort = SSH_PORT } = ssh;
  return check<Reach[]>({
    id: 'hub-reachable',
    category: 'hosts',
    subject: pairOf(scope),
    title: `the leaf's host gets a response from ${name} at ${externalAddress}`,
    severity: 'error',
    needs: [hostResponds(scope.cluster.name)],
    probe: (site) => reach(site, targets),
    judge: (seen) => {
      const silent = seen.filter(({ state }) => state === 'filtered').map(({ port }) => port);
      if (silent.length === seen.length)
        return fail(`no response from ${externalAddress} on any port: ${listed(silent)}`);
      const needed = silent.filter((port) => port !== sshPort);
      return needed.length > 1 && needed.length === seen.length - 1
        ? fail(`${externalAddress} responds on port ${sshPort} and on none that the link needs: ${listed(needed)}`)
        : pass();
    },
  });
}

const listed = (ports: readonly number[]): string => [...ports].sort((left, right) => left - right).join(', ');

/** The gateway's own port has a check of its own among the parts. */
function portOpen(scope: Scope, targets: readonly ReachTarget[], { address, port, optional }: ReachTarget): Check[] {
  const named = nameOf(scope, port);
  if (named === undefined) return [];
  const [id, what] = named;
  return [
    check<Reach['state'] | undefined>({
      id,
      category: 'hosts',
      subject: pairOf(scope),
      title: `the leaf's host reaches ${what} at ${address}:${port}`,
      severity: optional === true ? 'warning' : 'error',
      needs: [keyOf({ id: 'hub-reachable', subject: pairOf(scope) })],
      probe: async (site) =>
        (await reach(site, targets)).find((seen) => seen.address === address && seen.port === port)?.state,
      judge: (state) => {
        if (state === 'open') return pass();
        return state === 'refused'
          ? fail(`nothing listens at ${address}:${port}, or a firewall refuses it`)
          : fail(`no response from ${address}:${port}`);
      },
    }),
  ];
}

function nameOf(scope: Scope, port: number): [id: string, what: string] | undefined {
  const { clientNodePort, leafNodePort } = scope.settings.nats;
  if (scope.settings.link.mode === 'direct') {
    if (port === leafNodePort) return ['broker-port-open', "the broker's port for leaf nodes"];
    return port === clientNodePort ? ['client-port-open', "the broker's port for clients"] : undefined;
  }
  if (port === API_PORT) return ['hub-api-open', "the hub's API server"];
  return port === gatewayOf(scope).probePort ? ['gateway-probe-open', "the gateway's probe port"] : undefined;
}

/** With the hub's own SSH port, which says whether the host responds at all. */
const reach = (site: Site, targets: readonly ReachTarget[]): Promise<Reach[]> =>
  site.once('reach of the hub', async () => {
    const { externalAddress: address, ssh } = hubHostOf(site.scope);
    return parseReach(await site.print(reachScript(...targets, { address, port: ssh.port ?? SSH_PORT })));
  });
