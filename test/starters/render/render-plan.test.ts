import { test } from '@jest/globals';
import type { ClusterPlan } from '../../../src/contract/plan.js';
import type { PlanSummary } from '../../../src/contract/runs.js';
import { renderClusterPlan, renderPlanCounts, renderPlanSummary } from '../../../src/starters/terminal/plan.js';
import { PLAIN } from '../../../src/starters/terminal/style.js';
import { expectGolden } from '../../support/golden.js';

const PART = { phase: 'clusters' as const, needs: [], needsHub: [] };
const PLAN: ClusterPlan = {
  cluster: 'cluster-a',
  host: 'vm-a',
  state: 'partial',
  parts: [
    {
      ...{ ...PART, part: 'k3s', title: 'install and start K3s' },
      steps: [
        { verb: 'create', object: '/etc/rancher/k3s/config.yaml', because: 'it is not there' },
        {
          verb: 'change',
          object: 'Service/nats-broker',
          because: 'it differs',
          diff: ['spec.ports[0].port: 4222 → 4223', 'spec.type: ClusterIP → NodePort'],
        },
        { verb: 'delete', object: 'Deployment/old', because: 'the topology no longer has it' },
        { verb: 'restart', object: 'unit k3s.service', because: 'its configuration changes' },
      ],
    },
    { ...PART, part: 'images', title: 'ship images', steps: [] },
    { ...PART, part: 'broker', title: 'run the NATS broker', steps: [], unseen: 'K3s does not respond' },
    { ...PART, part: 'publisher', title: 'run the publisher', steps: [], unseen: 'K3s does not respond' },
  ],
  digest: '42bb'.repeat(16),
};

const SUMMARY: PlanSummary = {
  digest: '81aa'.repeat(16),
  counts: { create: 1, change: 2, delete: 1 },
  clusters: [
    {
      cluster: 'cluster-a',
      host: 'vm-a',
      state: 'partial',
      counts: { create: 1, change: 2, delete: 1 },
      digest: '42bb'.repeat(4),
      unseen: true,
    },
  ],
  unchanged: 11,
  unfit: [],
  unreached: [],
};
const NOTHING_TO_DO: PlanSummary = { ...SUMMARY, clusters: [], counts: { create: 0, change: 0, delete: 0 } };
const WARNED: PlanSummary = {
  ...NOTHING_TO_DO,
  warnings: [
    {
      ...{ cluster: 'cluster-b', host: 'vm-b' },
      warnings: [{ message: 'a firewall is active (ufw)', remedy: 'sudo ufw allow from 10.42.0.0/16' }],
    },
  ],
};
const PROBLEM = {
  cluster: 'cluster-b',
  error: { code: 'SSH_UNREACHABLE', message: 'vm-b: no SSH response', docs: 'ssh-unreachable', hint: 'start the host' },
};

test.each<[golden: string, text: () => string]>([
  ['plan-steps.txt', () => renderClusterPlan(PLAN, PLAIN)],
  ['plan-cluster-unchanged.txt', () => renderClusterPlan({ ...PLAN, state: 'ours', parts: [] }, PLAIN)],
  ['plan-summary.txt', () => renderPlanSummary(SUMMARY, PLAIN)],
  ['plan-nothing-to-do.txt', () => renderPlanSummary(NOTHING_TO_DO, PLAIN)],
  ['plan-warnings.txt', () => renderPlanSummary(WARNED, PLAIN)],
  ['plan-problems.txt', () => renderPlanSummary({ ...SUMMARY, unfit: [PROBLEM], unreached: [PROBLEM] }, PLAIN)],
  ['plan-counts.txt', () => renderPlanCounts(SUMMARY.clusters, PLAIN)],
])('%s', (golden, text) => expectGolden(`starters/${golden}`, text()));
