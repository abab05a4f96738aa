import type { V1Deployment, V1Node } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { isHub, type Scope } from '../../contract/topology/scope.js';
import { hasDemo } from '../../domain/accounts/accounts.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { deploymentState } from '../../domain/kubernetes/workloads.js';
import { programWorkload } from '../../domain/nats/objects/programs.js';
import { check, type Check } from '../../parts/check.js';
import { apiServerReady } from '../../parts/host/k3s.js';
import { k3sLifetimes, type Lifetime } from '../../parts/host/k3s-certificates.js';
import { workloadState } from '../../parts/objects/workload.js';
import type { Missing } from '../../parts/waiting/wait.js';
import { hostResponds } from './host.js';

const COREDNS = '/apis/apps/v1/namespaces/kube-system/deployments/coredns';

/** What the checks of the parts see only as a whole. */
export function clusterChecks(scope: Scope): Check[] {
  const subject = scope.cluster.name;
  const common = { category: 'k3s' as const, subject, severity: 'error' as const };
  const needs = [apiServerReady(subject)];
  return [
    check<Lifetime[]>({
      ...common,
      id: 'k3s-certificates-valid',
      title: 'no certificate of K3s has expired',
      needs: [hostResponds(subject)],
      probe: k3sLifetimes,
      judge: (all) => {
        const expired = all.filter(({ days }) => days < 0).map(({ name }) => name);
        return expired.length === 0
          ? pass()
          : fail(`certificates of K3s have expired: ${expired.length}`, expired.join(', '));
      },
    }),
    nodeReady(scope),
    check<Pick<V1Deployment, 'metadata' | 'spec' | 'status'>>({
      ...common,
      id: 'cluster-dns-runs',
      title: 'CoreDNS runs, by which pods find each other',
      needs,
      probe: async (site) => {
        const { status, body } = await (await site.kube()).get(COREDNS);
        return status === 200 ? parseObject<Pick<V1Deployment, 'status'>>(body, {}) : {};
      },
      judge: (deployment) => {
        const missing = deploymentState(deployment);
        return missing === undefined ? pass() : fail(`CoreDNS is not available: ${missing}`);
      },
    }),
    ...(hasDemo(scope.settings.nats) ? [programRuns(scope)] : []),
  ];
}

const nodeReady = (scope: Scope): Check =>
  check<V1Node[]>({
    category: 'k3s',
    subject: scope.cluster.name,
    severity: 'error',
    id: 'node-ready',
    title: 'the node is Ready',
    needs: [apiServerReady(scope.cluster.name)],
    probe: async (site) => {
      const { body } = await (await site.kube()).get('/api/v1/nodes');
      return parseObject<{ items: V1Node[] }>(body, { items: [] }).items;
    },
    judge: (nodes) => {
      if (nodes.length === 0) return fail('the cluster has no node');
      const [ready] = nodes.map(({ status }) => status?.conditions?.find(({ type }) => type === 'Ready'));
      return ready?.status === 'True'
        ? pass(nodes[0]?.status?.nodeInfo?.kubeletVersion)
        : fail('the node is NotReady', ready?.message ?? ready?.reason);
    },
  });

function programRuns(scope: Scope): Check {
  const [app, category] = isHub(scope)
    ? (['publisher', 'nats-broker'] as const)
    : (['subscriber', 'nats-leaf'] as const);
  return check<Missing | undefined>({
    id: 'programs-run',
    category,
    subject: scope.cluster.name,
    title: `the ${app} runs`,
    severity: 'error',
    needs: [apiServerReady(scope.cluster.name)],
    probe: (site) => workloadState(site, programWorkload(app), deploymentState),
    judge: (missing) =>
      missing === undefined
        ? pass()
        : fail(`the ${app} is not available: ${missing.saw}`, undefined, missing.permanent),
  });
}
