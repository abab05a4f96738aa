import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { GATEWAY_IDENTITY, leafIdentity } from '../../../domain/linkerd/names.js';
import { outboundTo, type ProxyConnection } from '../../../domain/multicluster/connections.js';
import { dialledBy } from '../../../domain/nats/monitor.js';
import { mirrorHost, NATS_PORTS } from '../../../domain/nats/names.js';
import { check, type Check } from '../../check.js';
import { leafLinked } from '../../nats/checks/keys.js';
import { leafzOf } from '../../nats/checks/leaf-links.js';
import { gatewayAddress, seeMirror, type MirrorSeen } from '../link/mirror.js';
import { brokerBehindGateway } from './broker-behind-gateway.js';
import { podsMeshed } from './linkerd.js';
import { pairOf, serviceMirrored } from './pair.js';
import { proxyConnections } from './proxy-connections.js';

/** The path of a leaf node's link, as both servers and the proxies beside them see it. */
export const leafPathChecks = (scope: Scope): Check[] => [
  dialsMirror(scope),
  pathEncrypted(scope),
  brokerBehindGateway(pairOf(scope), { atLeast: 1, needs: [leafLinked(scope.cluster.name)] }),
];

const dialsMirror = (scope: Scope): Check =>
  check<{ dialled: string[]; mirror: MirrorSeen }>({
    id: 'leaf-dials-mirror',
    category: 'multicluster',
    subject: scope.cluster.name,
    title: "the leaf node's link goes to the mirrored Service",
    severity: 'error',
    needs: [leafLinked(scope.cluster.name), serviceMirrored(pairOf(scope))],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: async (site) => {
      const [leafz, mirror] = await Promise.all([leafzOf(site, 'nats-leaf'), seeMirror(site)]);
      return { dialled: dialledBy(leafz), mirror };
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
