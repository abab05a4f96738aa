import { gatewayOf, hubHostOf, type Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { parseReach, reachScript, type Reach } from '../../../domain/hosts/reach.js';
import {
  gatewaysScript,
  multiclusterCheckScript,
  parseFindings,
  parseGateways,
  type GatewaySeen,
  type LinkerdFindings,
} from '../../../domain/linkerd/check-output.js';
import { check, type Check } from '../../check.js';
import { kubernetesReady } from '../../host/k3s.js';
import { hasDemo } from '../../../domain/accounts/accounts.js';
import { dialChecks } from './dial.js';
import { leafPathChecks } from './leaf-path.js';
import { judgeFindings, podsMeshed } from './linkerd.js';
import { meshPods } from './mesh-pods.js';
import { gatewayReachable, pairOf, serviceMirrored } from './pair.js';
import { gatewayAddress } from '../link/mirror.js';

export const linkChecks = (scope: Scope): Check[] => [
  linkHealthy(scope),
  reachable(scope),
  alive(scope),
  sharedAnchor(scope),
  ...leafPathChecks(scope),
  // A pod of the demonstration is the client.
  ...(hasDemo(scope.settings.nats)
    ? dialChecks(pairOf(scope), [serviceMirrored(pairOf(scope)), gatewayReachable(pairOf(scope))])
    : []),
];

const linkHealthy = ({ cluster }: Scope): Check =>
  check<LinkerdFindings>({
    id: 'link-healthy',
    category: 'multicluster',
    subject: cluster.name,
    title: "Linkerd's own check of the link finds no problem",
    severity: 'error',
    needs: [kubernetesReady(cluster.name)],
    // Linkerd's command itself takes more than a second.
    retry: { forSeconds: 90, everySeconds: 0.5 },
    probe: async (site) => parseFindings(await site.print(multiclusterCheckScript, { okCodes: [1] }), 'multicluster'),
    judge: judgeFindings,
  });

function reachable(scope: Scope): Check {
  const { externalAddress: address } = hubHostOf(scope);
  const { port } = gatewayOf(scope);
  const at = gatewayAddress(scope);
  return check<Reach['state']>({
    id: 'gateway-reachable',
    category: 'multicluster',
    subject: pairOf(scope),
    title: `the leaf cluster's host reaches the gateway at ${at}`,
    severity: 'error',
    needs: [kubernetesReady(scope.cluster.name)],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: async (site) => parseReach(await site.print(reachScript({ address, port })))[0]?.state ?? 'filtered',
    judge: (state) =>
      state === 'open' ? pass() : fail(state === 'filtered' ? `no response from ${at}` : `nothing listens at ${at}`),
  });
}

function alive(scope: Scope): Check {
  const hub = scope.settings.broker.name;
  const { externalAddress } = hubHostOf(scope);
  const { probePort } = gatewayOf(scope);
  return check<GatewaySeen[]>({
    id: 'gateway-alive',
    category: 'multicluster',
    subject: pairOf(scope),
    title: "the gateway responds to the leaf cluster's probe",
    severity: 'error',
    needs: [kubernetesReady(scope.cluster.name)],
    retry: { forSeconds: 90, everySeconds: 1 },
    probe: async (site) => parseGateways(await site.print(gatewaysScript, { okCodes: [1] })),
    judge: (gateways) => {
      const seen = gateways.find(({ clusterName }) => clusterName === hub);
      if (seen === undefined) return fail(`there is no link to ${hub}`);
      if (!seen.alive) return fail(`no response from ${externalAddress}:${probePort}`);
      return pass(seen.latency === undefined ? undefined : `${seen.latency} ms`);
    },
  });
}

const sharedAnchor = (scope: Scope): Check =>
  check<string[][]>({
    id: 'trust-anchor-shared',
    category: 'multicluster',
    subject: pairOf(scope),
    title: 'both clusters trust the same anchor',
    severity: 'error',
    needs: [podsMeshed(scope.settings.broker.name), podsMeshed(scope.cluster.name)],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: async (site) => {
      const pods = await Promise.all([meshPods(site.hub), meshPods(site)]);
      return pods.map((seen) => [...new Set(seen.map(({ trustRoot }) => trustRoot ?? 'none'))]);
    },
    judge: (roots) => {
      const all = [...new Set(roots.flat())];
      if (roots.some((seen) => seen.length === 0)) return fail('there is no NATS pod to compare');
      if (all.includes('none')) return fail('a proxy does not report its anchor', all.join(', '));
      return all.length === 1
        ? pass(all[0]?.slice(0, 16))
        : fail('the clusters trust different anchors', all.join(', '));
    },
  });
