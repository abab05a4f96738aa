import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import type { ClusterInput, ClusterResult } from '../contract/runs.js';
import { clusterNamed, serverOf, type Host } from '../contract/topology.js';
import { HOST_WORK } from './activity-options.js';
import type { Step } from './link-mode.js';
import { linkModeOf } from './link-modes.js';
import { Run, type Changed } from './run.js';
import { sideBySide } from './side-by-side.js';
import { wantedParts } from '../domain/artifacts/missing.js';

const act = proxyActivities<Activities>(HOST_WORK);

/** One cluster: from a bare host to a Kubernetes with the namespace and the Secrets that NATS needs. */
export async function ProvisionCluster(input: ClusterInput): Promise<ClusterResult> {
  const run = new Run(input.topology.name, ['clusters'], input.cluster);
  try {
    const results = await run.phase('clusters', () => provision(run, input));
    run.finish('done');
    return { changed: results.flatMap((result) => result.changed) };
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

const stepsOn =
  (run: Run, { cluster, name: host }: Host): Step =>
  (id, title, invoke) =>
    run.step('clusters', { id, title, cluster, host }, invoke);

async function provision(run: Run, input: ClusterInput): Promise<Changed[]> {
  const { artifacts: source, nats, name } = input.topology;
  const mode = linkModeOf(input.topology);
  const wanted = wantedParts(input.topology, mode.images(input.topology));
  const host = serverOf(clusterNamed(input.topology, input.cluster));
  const step = stepsOn(run, host);
  const claim = await step('claim', 'claim the host', (call) =>
    act.claimHost.executeWithOptions(call, [{ host, topology: name }]),
  );
  // Images and tools travel while K3s comes up: K3s imports images as they arrive.
  const images = () =>
    step('images', 'ship images', (call) => act.ensureImages.executeWithOptions(call, [{ host, source }]));
  const tools = () =>
    step('tools', 'ship command-line tools', (call) =>
      act.ensureTools.executeWithOptions(call, [{ host, source, wanted }]),
    );
  const installed = await sideBySide<Changed | Changed[]>([() => kubernetes(step, host, input), images, tools]);
  const needed = [nats.images.server, nats.images.box, ...mode.images(input.topology)];
  const imported = (): Promise<Changed> =>
    step('images-imported', 'wait for the images', (call) =>
      act.awaitImages.executeWithOptions(call, [{ host, source, images: needed }]),
    );
  const added = await mode.onCluster(input.topology, host, step, imported);
  return [claim, ...installed.flat(), ...added];
}

async function kubernetes(step: Step, host: Host, { topology, cluster: name }: ClusterInput): Promise<Changed[]> {
  const { artifacts: source, k3s } = topology;
  const { role } = clusterNamed(topology, name);
  const files = await step('k3s-files', 'ship K3s', (call) =>
    act.ensureK3sFiles.executeWithOptions(call, [{ host, source, version: k3s.version }]),
  );
  const install = await step('k3s', 'install and start K3s', (call) =>
    act.ensureK3s.executeWithOptions(call, [{ host, source, k3s }]),
  );
  const ready = await step('k3s-ready', 'wait for Kubernetes', (call) =>
    act.awaitK3s.executeWithOptions(call, [{ host }]),
  );
  const contents = await sideBySide([
    () => step('kubeconfig', 'write kubeconfigs', (call) => act.ensureKubeconfigs.executeWithOptions(call, [{ host }])),
    () =>
      step('secrets', 'create the namespace and its Secrets', (call) =>
        act.ensureNatsSecrets.executeWithOptions(call, [
          { topology: topology.name, server: host, role, mode: topology.link.mode },
        ]),
      ),
  ]);
  return [files, install, ready, ...contents];
}
