import { isCancellation, ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { failedChecks, type CheckResult } from '../contract/checks.js';
import { clusterWorkflowId } from '../contract/names.js';
import { PHASES, type PhaseName } from '../contract/phases.js';
import type { Plan, ProvisionInput, ProvisionResult } from '../contract/runs.js';
import { pkiSpecOf } from '../domain/pki/spec.js';
import { serverOf, type Cluster, type Host, type Topology } from '../contract/topology.js';
import { HOST_WORK, PROOF } from './activity-options.js';
import { preflight } from './preflight.js';
import { ProvisionCluster } from './provision-cluster.js';
import type { Step } from './link-mode.js';
import { linkModeOf } from './link-modes.js';
import { Run, TOPOLOGY_KEY, type Changed } from './run.js';
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
        typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: topology.name }],
      });
      await run.passOnPause(child);
      return child.result();
    });
    return changed;
  };
  const changes = await sideBySide([() => provision(topology.broker), () => eachLeaf(run, topology, provision)]);
  return changes.flat();
}

const stepOn =
  (run: Run, phase: PhaseName, { cluster, name: host }: Host): Step =>
  (id, title, invoke) =>
    run.step(phase, { id, title, cluster, host }, invoke);

const changesOf = (made: Changed[]): string[] => made.flatMap(({ changed }) => changed);

/** The broker knows every leaf of the topology; ends of links are made for those that are still in the run. */
async function link(run: Run, topology: Topology): Promise<string[]> {
  const mode = linkModeOf(topology);
  const server = serverOf(topology.broker);
  const step = stepOn(run, 'link', server);
  const leaves = topology.leaves.map((leaf) => leaf.name);
  const nats = { topology: topology.name, server, nats: topology.nats, mode: topology.link.mode };
  const broker = async (): Promise<string[]> => {
    const started = await step('broker', 'run the NATS broker', (call) =>
      act.ensureBroker.executeWithOptions(call, [{ ...nats, leaves }]),
    );
    // A leaf that joins or goes must not cost the others their connection.
    const loaded = await step('broker-configuration', 'let the broker load its configuration', (call) =>
      act.reloadBroker.executeWithOptions(call, [{ ...nats, leaves }]),
    );
    const cut = await step('former-leaves', 'cut off leaf nodes that are no longer in the topology', (call) =>
      act.cutOffLeaves.executeWithOptions(call, [{ ...nats, leaves }]),
    );
    const edge = await step('external-ports', 'open the external ports', (call) =>
      act.ensureExternalPorts.executeWithOptions(call, [nats]),
    );
    return changesOf([started, loaded, cut, edge]);
  };
  const onLeaf = (leaf: Cluster): Promise<Changed[]> =>
    mode.onLeafCluster(topology, leaf, stepOn(run, 'link', serverOf(leaf)));
  const ends = await sideBySide([
    broker,
    async () => changesOf(await mode.onBrokerCluster(topology, step)),
    () => eachLeaf(run, remaining(run, topology), async (leaf) => changesOf(await onLeaf(leaf))),
  ]);
  const connected = await eachLeaf(run, remaining(run, topology), async (leaf) =>
    changesOf(await mode.connect(topology, leaf, stepOn(run, 'link', serverOf(leaf)))),
  );
  return [...ends.flat(), ...connected];
}

async function messaging(run: Run, topology: Topology): Promise<string[]> {
  const { name, nats, link } = topology;
  const remote = linkModeOf(topology).remote(topology);
  const input = (server: Host) => ({ topology: name, server, nats, mode: link.mode });
  const publisher = async (): Promise<string[]> => {
    const server = serverOf(topology.broker);
    const made = await stepOn(run, 'messaging', server)('publisher', 'run the publisher', (call) =>
      act.ensurePublisher.executeWithOptions(call, [input(server)]),
    );
    return made.changed;
  };
  const join = async (leaf: Cluster): Promise<string[]> => {
    const server = serverOf(leaf);
    const step = stepOn(run, 'messaging', server);
    const node = await step(`leaf/${leaf.name}`, 'run the NATS leaf node', (call) =>
      act.ensureLeafNode.executeWithOptions(call, [{ ...input(server), remote }]),
    );
    const subscriber = await step(`subscriber/${leaf.name}`, 'run the subscriber', (call) =>
      act.ensureSubscriber.executeWithOptions(call, [input(server)]),
    );
    return changesOf([node, subscriber]);
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
