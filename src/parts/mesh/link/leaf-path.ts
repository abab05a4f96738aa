import type { Scope } from '../../../contract/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { GATEWAY_IDENTITY, leafIdentity } from '../../../domain/linkerd/names.js';
import { outboundTo, type ProxyConnection } from '../../../domain/multicluster/connections.js';
import { dialledBy, formerPath } from '../../../domain/multicluster/link-path.js';
import { mirrorHost, NATS_NAMESPACE, NATS_PORTS } from '../../../domain/nats/names.js';
import { monitorPath } from '../../../domain/nats/monitor.js';
import { check, keyOf, type Check, type CheckKey } from '../../check.js';
import { objectName } from '../../objects.js';
import { part } from '../../part.js';
import type { Site } from '../../site.js';
import { awaited } from '../../wait.js';
import { brokerBehindGateway } from '../checks/broker-behind-gateway.js';
import { pairOf, serviceMirrored } from '../checks/link.js';
import { podsMeshed } from '../checks/linkerd.js';
import { gatewayAddress, mirrorProblem, seeMirror, type MirrorSeen } from './mirror.js';
import { proxyConnections, proxyConnectionsIfUp } from '../checks/proxy-connections.js';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nats-leaf-0', namespace: NATS_NAMESPACE } };
const MIRROR = { timeoutMs: 3 * 60_000, look: 'kubectl -n linkerd-multicluster describe links' };

const leafLinked = (leaf: string): CheckKey => keyOf({ id: 'leaf-linked', subject: leaf });

interface Wanted {
  /** name:port that the leaf node dials. */
  mirror: string;
  /** address:port */
  gateway: string;
}

/**
 * The link of a leaf node stays up over a mirrored Service that was made again, and over a gateway that has moved, until
 * something cuts it: a restart does.
 */
export const leafPath = part({
  name: 'leaf-path',
  title: 'drop a stale leaf connection',
  phase: 'messaging',
  needs: ['link', 'mirror-controller', 'leaf-node'],
  livesIn: 'cluster',
  wanted: (scope: Scope): Wanted => ({
    mirror: `${mirrorHost(scope.settings.broker.name)}:${NATS_PORTS.leaf}`,
    gateway: gatewayAddress(scope),
  }),
  look: async (site, wanted, goal): Promise<string[]> =>
    goal === 'absent' || (await site.kubeIfUp()) === undefined ? [] : seeFormerPath(site, wanted),
  decide: (former) =>
    former.length === 0
      ? []
      : [{ verb: 'restart', object: objectName(POD), because: `its link goes by ${former.join(', ')}` }],
  undo: () => [],
  act: async (site, _steps, _former, { gateway }) => {
    await awaited(site, MIRROR, async () => mirrorProblem(await seeMirror(site), gateway));
    await (await site.kube()).remove(POD);
  },
  checks: (scope) => [
    dialsMirror(scope),
    pathEncrypted(scope),
    brokerBehindGateway(pairOf(scope), { atLeast: 1, needs: [leafLinked(scope.cluster.name)] }),
  ],
});

async function seeFormerPath(site: Site, wanted: Wanted): Promise<string[]> {
  const [dialled, connections, { clusterIp }] = await Promise.all([
    seeDialled(site),
    proxyConnectionsIfUp(site, 'nats-leaf'),
    seeMirror(site),
  ]);
  return formerPath({ dialled: dialled ?? [], clusterIp, connections: connections ?? [] }, wanted);
}

/** address:port of the links that the leaf node itself dialled; undefined: it does not respond. */
async function seeDialled(site: Site): Promise<string[] | undefined> {
  const { status, body } = await (await site.kube()).get(monitorPath('nats-leaf', 'leafz'));
  return status === 200 ? dialledBy(body) : undefined;
}

const dialsMirror = ({ settings, cluster }: Scope): Check =>
  check<{ dialled: string[]; mirror: MirrorSeen }>({
    id: 'leaf-dials-mirror',
    category: 'multicluster',
    subject: cluster.name,
    title: "the leaf node's link goes to the mirrored Service",
    severity: 'error',
    needs: [leafLinked(cluster.name), serviceMirrored(`${settings.broker.name} → ${cluster.name}`)],
    retry: { forSeconds: 60, everySeconds: 0.5 },
    confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system logs nats-leaf-0 -c nats' },
    probe: async (site) => {
      const [dialled, mirror] = await Promise.all([seeDialled(site), seeMirror(site)]);
      return { dialled: dialled ?? [], mirror };
    },
    judge: ({ dialled, mirror: { clusterIp } }) => {
      const wanted = `${clusterIp ?? 'none'}:${NATS_PORTS.leaf}`;
      return dialled.includes(wanted)
        ? pass(wanted)
        : fail(`the link does not go to ${wanted}`, dialled.join(', ') || 'no link');
    },
  });

function pathEncrypted(scope: Scope): Check {
  const { cluster, settings } = scope;
  const mirror = `${mirrorHost(settings.broker.name)}:${NATS_PORTS.leaf}`;
  const address = gatewayAddress(scope);
  return check<ProxyConnection[]>({
    id: 'leaf-path-encrypted',
    category: 'multicluster',
    subject: cluster.name,
    title: "the leaf node's bytes leave its proxy by mutual TLS, for the gateway",
    severity: 'error',
    needs: [leafLinked(cluster.name), podsMeshed(cluster.name)],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (site) => proxyConnections(site, 'nats-leaf'),
    judge: (all) => {
      const links = outboundTo(mirror, all);
      const [wrong] = links.filter(
        ({ tls, target, serverId }) => !tls || target !== address || serverId !== GATEWAY_IDENTITY,
      );
      if (links.length === 0) return fail(`the leaf node's proxy has no connection to ${mirror}`);
      return wrong === undefined
        ? pass(`${leafIdentity(cluster.name)} → ${GATEWAY_IDENTITY}`)
        : fail(
            'a connection of the leaf node does not go to the gateway by mutual TLS',
            `${wrong.target} ${wrong.serverId ?? 'no identity'}`,
          );
    },
  });
}
