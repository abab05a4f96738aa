import { isCancellation, ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { failedChecks, type CheckResult } from '../contract/checks.js';
import { clusterWorkflowId } from '../contract/names.js';
import { PHASES, type PhaseName } from '../contract/phases.js';
import type { Plan, ProvisionInput, ProvisionResult } from '../contract/runs.js';
import { pkiSpecOf } from '../domain/pki/spec.js';
import { serverOf, type Cluster, type Topology } from '../domain/topology/types.js';
import { HOST_WORK, PROOF } from './activity-options.js';
import { preflight } from './preflight.js';
import { ProvisionCluster } from './provision-cluster.js';
import { Run } from './run.js';
import { sideBySide } from './side-by-side.js';

const act = proxyActivities<Activities>(HOST_WORK);
const proof = proxyActivities<Activities>(PROOF);

/** The whole run: facts first, plan second, act third, prove last. The order of the phases is this function. */
export async function ProvisionCrossClusterNats({
  topology,
  mode,
  trustOnFirstUse,
}: ProvisionInput): Promise<ProvisionResult> {
  const run = new Run(topology.name, PHASES);
  const changed: string[] = [];
  const phase = async (name: PhaseName, body: () => Promise<string[]>): Promise<void> => {
    if (topology.approvals.includes(name)) await run.gate(name);
    changed.push(...(await run.phase(name, body)));
  };
  try {
    if (mode === 'verify') return finish(run, changed, await run.phase('verify', () => verify(run, topology)));
    const plan = await run.phase('preflight', () => preflight(run, topology, trustOnFirstUse));
    if (mode === 'plan') {
      run.finish('done');
      return { state: 'planned', plan, changed, checks: [], failedLeaves: run.failedLeaves };
    }
    // A leaf that dropped out keeps its certificates and its user at the broker: the next run mends it.
    await phase('pki', () => pki(run, topology));
    await phase('clusters', () => clusters(run, remaining(run, topology)));
    await phase('link', () => link(run, topology));
    await phase('messaging', () => messaging(run, remaining(run, topology)));
    if (topology.approvals.includes('verify')) await run.gate('verify');
    return finish(run, changed, await run.phase('verify', () => verify(run, remaining(run, topology))), plan);
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

/** The topology without the leaf clusters that dropped out. */
function remaining(run: Run, topology: Topology): Topology {
  const failed = new Set(run.failedLeaves.map((leaf) => leaf.cluster));
  return { ...topology, leaves: topology.leaves.filter((leaf) => !failed.has(leaf.name)) };
}

function finish(run: Run, changed: string[], checks: CheckResult[], plan?: Plan): ProvisionResult {
  const degraded = run.failedLeaves.length > 0 || failedChecks(checks).length > 0;
  const state = degraded ? 'degraded' : 'done';
  run.finish(state);
  return { state, ...(plan === undefined ? {} : { plan }), changed, checks, failedLeaves: run.failedLeaves };
}

/** Runs the body for every leaf side by side; a leaf that fails drops out. */
async function eachLeaf(run: Run, topology: Topology, body: (leaf: Cluster) => Promise<string[]>): Promise<string[]> {
  const changes = await sideBySide(
    topology.leaves.map((leaf) => async () => {
      try {
        return await body(leaf);
      } catch (error) {
        if (isCancellation(error)) throw error;
        run.dropLeaf(leaf.name, error);
        return [];
      }
    }),
  );
  return changes.flat();
}

async function pki(run: Run, topology: Topology): Promise<string[]> {
  const { changed } = await run.step(
    'pki',
    { id: 'pki', title: 'issue what is missing, reuse what is valid' },
    (call) => act.ensurePki.executeWithOptions(call, [pkiSpecOf(topology)]),
  );
  return changed;
}

async function clusters(run: Run, topology: Topology): Promise<string[]> {
  const provision = async (cluster: Cluster): Promise<string[]> => {
    const workflowId = clusterWorkflowId(topology.name, cluster.name);
    run.addChild(workflowId);
    const step = { id: `cluster/${cluster.name}`, title: 'install Kubernetes', cluster: cluster.name };
    const { changed } = await run.step('clusters', step, async ({ summary }) => {
      const child = await startChild(ProvisionCluster, {
        workflowId,
        args: [{ topology: { ...topology, leaves: cluster.role === 'leaf' ? [cluster] : [] }, cluster: cluster.name }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: summary,
      });
      await run.passOnPause(child);
      return child.result();
    });
    return changed;
  };
  const changes = await sideBySide([() => provision(topology.broker), () => eachLeaf(run, topology, provision)]);
  return changes.flat();
}

async function link(run: Run, topology: Topology): Promise<string[]> {
  const server = serverOf(topology.broker);
  const input = {
    topology: topology.name,
    server,
    leaves: topology.leaves.map((leaf) => leaf.name),
    nats: topology.nats,
  };
  const place = { cluster: topology.broker.name, host: server.name };
  const broker = await run.step('link', { id: 'broker', title: 'run the NATS broker', ...place }, (call) =>
    act.ensureBroker.executeWithOptions(call, [input]),
  );
  const edge = await run.step('link', { id: 'external-ports', title: 'open the external ports', ...place }, (call) =>
    act.ensureExternalPorts.executeWithOptions(call, [{ server, nats: topology.nats }]),
  );
  return [...broker.changed, ...edge.changed];
}

async function messaging(run: Run, topology: Topology): Promise<string[]> {
  const { name, nats } = topology;
  const brokerServer = serverOf(topology.broker);
  const remote = `${brokerServer.externalAddress}:${nats.leafNodePort}`;
  const publisher = async (): Promise<string[]> => {
    const { changed } = await run.step(
      'messaging',
      { id: 'publisher', title: 'run the publisher', host: brokerServer.name },
      (call) => act.ensurePublisher.executeWithOptions(call, [{ topology: name, server: brokerServer, nats }]),
    );
    return changed;
  };
  const join = async (leaf: Cluster): Promise<string[]> => {
    const server = serverOf(leaf);
    const input = { topology: name, server, nats, remote };
    const node = await run.step(
      'messaging',
      { id: `leaf/${leaf.name}`, title: 'run the NATS leaf node', host: server.name },
      (call) => act.ensureLeafNode.executeWithOptions(call, [input]),
    );
    const subscriber = await run.step(
      'messaging',
      { id: `subscriber/${leaf.name}`, title: 'run the subscriber', host: server.name },
      (call) => act.ensureSubscriber.executeWithOptions(call, [{ topology: name, server, nats }]),
    );
    return [...node.changed, ...subscriber.changed];
  };
  const changes = await sideBySide([publisher, () => eachLeaf(run, topology, join)]);
  return changes.flat();
}

async function verify(run: Run, topology: Topology): Promise<CheckResult[]> {
  const { results } = await run.step('verify', { id: 'checks', title: 'run every check' }, (call) =>
    proof.runChecks.executeWithOptions(call, [{ topology }]),
  );
  run.checks = results;
  return results;
}
