import { GATEWAY_IDENTITY, leafIdentity } from '../linkerd/names.js';
import { outboundTo, type ProxyConnection } from '../multicluster/connections.js';
import type { GatewaySeen, LinkerdFindings } from '../linkerd/check-output.js';
import type { Reach } from '../hosts/reach.js';
import { clustersOf, serverOf, type Cluster, type Gateway, type Topology } from '../../contract/topology.js';
import { check, fail, pass, type Check } from './check.js';
import { judgeFindings, linkerdChecks } from './linkerd.js';
import type { MirrorSeen } from './world.js';
import { mirrorHost, mirrorService, NATS_PORTS } from '../nats/names.js';

/** What link mode mesh adds: each cluster's mesh, and the way between them. */
export const meshChecks = (topology: Topology, gateway: Gateway): Check[] => [
  ...clustersOf(topology).flatMap((cluster) => linkerdChecks(topology, cluster)),
  brokerPath(topology.broker),
  ...topology.leaves.flatMap((leaf) => linkChecks(topology, leaf, gateway)),
];

const brokerPath = (broker: Cluster): Check =>
  check<ProxyConnection[]>({
    id: 'broker-behind-gateway',
    category: 'multicluster',
    subject: broker.name,
    title: 'leaf nodes reach the broker from the gateway, by mutual TLS',
    severity: 'error',
    needs: [`pods-meshed@${broker.name}`, `broker-lists-leaves@${broker.name}`],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (world) => world.proxyConnections(broker.name),
    judge: (all) => {
      const links = all.filter(
        ({ direction, target, open }) => direction === 'inbound' && open > 0 && target.endsWith(`:${NATS_PORTS.leaf}`),
      );
      const wrong = links.filter(({ tls, clientId }) => !tls || clientId !== GATEWAY_IDENTITY);
      if (links.length === 0) return fail(`the broker's proxy has no connection on ${NATS_PORTS.leaf}`);
      return wrong.length === 0
        ? pass(GATEWAY_IDENTITY)
        : fail(
            'a connection comes past the gateway',
            wrong.map(({ clientId }) => clientId ?? 'no identity').join(', '),
          );
    },
  });

function linkChecks({ broker }: Topology, leaf: Cluster, gateway: Gateway): Check[] {
  const subject = `${broker.name} → ${leaf.name}`;
  const mirror = `${mirrorHost(broker.name)}:${NATS_PORTS.leaf}`;
  const address = `${serverOf(broker).externalAddress}:${gateway.port}`;
  const mirrored = `service-mirrored@${subject}`;
  return [
    linkFindings(leaf),
    ...gatewayChecks(broker, leaf, gateway, subject),
    check<MirrorSeen>({
      id: 'service-mirrored',
      category: 'multicluster',
      subject,
      title: `${mirrorService(broker.name)} leads to the gateway`,
      severity: 'error',
      needs: [`kubernetes-ready@${leaf.name}`],
      retry: { forSeconds: 90, everySeconds: 1 },
      probe: (world) => world.mirror(leaf.name),
      judge: ({ lacking, endpoints }) => {
        if (lacking !== undefined) return fail(lacking);
        const strange = endpoints.filter((endpoint) => endpoint !== address);
        return strange.length === 0 ? pass(address) : fail(`its endpoint is not ${address}`, strange.join(', '));
      },
    }),
    sharedAnchor(broker, leaf, subject),
    ...pathChecks(leaf, address, mirror, mirrored),
    ...dialChecks(leaf, subject, mirrored),
  ];
}

const linkFindings = (leaf: Cluster): Check =>
  check<LinkerdFindings>({
    id: 'link-healthy',
    category: 'multicluster',
    subject: leaf.name,
    title: "Linkerd's own check of the link finds no fault",
    severity: 'error',
    needs: [`kubernetes-ready@${leaf.name}`],
    retry: { forSeconds: 90, everySeconds: 2 },
    probe: (world) => world.linkFindings(leaf.name),
    judge: judgeFindings,
  });

function gatewayChecks(broker: Cluster, leaf: Cluster, gateway: Gateway, subject: string): Check[] {
  const { externalAddress } = serverOf(broker);
  const address = `${externalAddress}:${gateway.port}`;
  return [
    check<Reach['state']>({
      id: 'gateway-reachable',
      category: 'multicluster',
      subject,
      title: `the leaf cluster's host reaches the gateway at ${address}`,
      severity: 'error',
      needs: [`kubernetes-ready@${leaf.name}`],
      retry: { forSeconds: 30, everySeconds: 1 },
      probe: (world) => world.reach(leaf.name, { address: externalAddress, port: gateway.port }),
      judge: (state) =>
        state === 'open'
          ? pass()
          : fail(state === 'filtered' ? `no answer from ${address}` : `nothing listens at ${address}`, state),
    }),
    check<GatewaySeen[]>({
      id: 'gateway-alive',
      category: 'multicluster',
      subject,
      title: "the gateway answers the leaf cluster's probe",
      severity: 'error',
      needs: [`kubernetes-ready@${leaf.name}`],
      retry: { forSeconds: 90, everySeconds: 1 },
      probe: (world) => world.gateways(leaf.name),
      judge: (gateways) => {
        const seen = gateways.find(({ clusterName }) => clusterName === broker.name);
        if (seen === undefined) return fail(`there is no link to ${broker.name}`);
        return seen.alive
          ? pass(seen.latency === undefined ? undefined : `${seen.latency} ms`)
          : fail(`no answer from ${externalAddress}:${gateway.probePort}`);
      },
    }),
  ];
}

const sharedAnchor = (broker: Cluster, leaf: Cluster, subject: string): Check =>
  check<string[][]>({
    id: 'trust-anchor-shared',
    category: 'multicluster',
    subject,
    title: 'both clusters trust the same anchor',
    severity: 'error',
    needs: [`pods-meshed@${broker.name}`, `pods-meshed@${leaf.name}`],
    probe: async (world) => {
      const pods = await Promise.all([world.meshPods(broker.name), world.meshPods(leaf.name)]);
      return pods.map((seen) => [...new Set(seen.map(({ trustRoot }) => trustRoot ?? 'none'))]);
    },
    judge: (roots) => {
      const all = [...new Set(roots.flat())];
      if (all.includes('none')) return fail('a proxy does not tell its anchor', all.join(', '));
      return all.length === 1 ? pass(all[0]?.slice(0, 16)) : fail('the anchors differ', all.join(', '));
    },
  });

const pathChecks = (leaf: Cluster, address: string, mirror: string, mirrored: string): Check[] => [
  check<{ dialled: string[]; mirror: MirrorSeen }>({
    id: 'leaf-dials-mirror',
    category: 'multicluster',
    subject: leaf.name,
    title: "the leaf node's link goes to the mirrored Service",
    severity: 'error',
    needs: [`leaf-linked@${leaf.name}`, mirrored],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: async (world) => {
      const [{ leafs }, seen] = await Promise.all([world.leafz(leaf.name), world.mirror(leaf.name)]);
      const dialled = leafs.filter(({ is_spoke }) => is_spoke).map(({ ip, port }) => `${ip ?? '?'}:${port ?? '?'}`);
      return { dialled, mirror: seen };
    },
    judge: ({ dialled, mirror: { clusterIp } }) => {
      const wanted = `${clusterIp ?? 'none'}:${NATS_PORTS.leaf}`;
      return dialled.includes(wanted)
        ? pass(wanted)
        : fail(`the link does not go to ${wanted}`, dialled.join(', ') || 'no link');
    },
  }),
  check<ProxyConnection[]>({
    id: 'leaf-path-encrypted',
    category: 'multicluster',
    subject: leaf.name,
    title: "the leaf node's bytes leave its proxy by mutual TLS, for the gateway",
    severity: 'error',
    needs: [`leaf-linked@${leaf.name}`, `pods-meshed@${leaf.name}`],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (world) => world.proxyConnections(leaf.name),
    judge: (all) => {
      const out = outboundTo(mirror, all);
      if (out.length === 0) return fail(`its proxy has no connection to ${mirror}`);
      const wrong = out.filter(
        ({ tls, serverId, target }) => !tls || serverId !== GATEWAY_IDENTITY || target !== address,
      );
      return wrong.length === 0
        ? pass(`${leafIdentity(leaf.name)} → ${GATEWAY_IDENTITY}`)
        : fail(
            'it is not for the gateway by mutual TLS',
            wrong.map(({ target, serverId }) => `${target} ${serverId ?? 'no identity'}`).join(', '),
          );
    },
  }),
];

const dialChecks = (leaf: Cluster, subject: string, mirrored: string): Check[] => [
  check<string | undefined>({
    id: 'refuses-unmeshed-pod',
    category: 'multicluster',
    subject,
    title: 'a pod outside the mesh gets nothing through the mirrored Service',
    severity: 'error',
    needs: [mirrored, `gateway-reachable@${subject}`],
    retry: { forSeconds: 20, everySeconds: 1 },
    probe: (world) => world.dialMirror(leaf.name, 'unmeshed'),
    judge: (heard) => {
      if (heard === undefined) return fail('the dial did not come to its end');
      if (heard.includes('INFO')) return fail('it got the INFO of the broker', heard);
      // The dial must have been made: an address that is not found, or a missing command, proves nothing.
      return heard === '' || /timed? ?out|terminated/i.test(heard) ? pass('no INFO') : fail('it could not dial', heard);
    },
  }),
  check<string | undefined>({
    id: 'refuses-meshed-without-certificate',
    category: 'multicluster',
    subject,
    title: 'a meshed pod without a NATS certificate reaches the broker and is refused',
    severity: 'error',
    needs: [mirrored, `gateway-reachable@${subject}`],
    retry: { forSeconds: 20, everySeconds: 1 },
    probe: (world) => world.dialMirror(leaf.name, 'meshed'),
    judge: (heard) => {
      if (heard === undefined) return fail('the dial did not come to its end');
      return REFUSED.test(heard) ? pass(heard.slice(0, 120)) : fail('it was not refused by the broker', heard);
    },
  }),
];

/** TLS 1.3 lets the server refuse after the client's handshake is over; which text comes is a race. */
const REFUSED = /certificate required|bad certificate|closed by remote after TLS handshake/i;
