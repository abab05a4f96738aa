import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import type { ClusterInput, ClusterResult } from '../contract/runs.js';
import { clusterNamed, serverOf } from '../domain/topology/types.js';
import { HOST_WORK } from './activity-options.js';
import { Run, type Changed } from './run.js';

const act = proxyActivities<Activities>(HOST_WORK);

/** One cluster: from a bare host to a Kubernetes with the namespace and the Secrets that NATS needs. */
export async function ProvisionCluster({ topology, cluster: name }: ClusterInput): Promise<ClusterResult> {
  const run = new Run(topology.name, ['clusters'], name);
  const cluster = clusterNamed(topology, name);
  const server = serverOf(cluster);
  const { artifacts: source, k3s, nats } = topology;
  const step = <T extends Changed>(id: string, title: string, invoke: Parameters<typeof run.step<T>>[2]): Promise<T> =>
    run.step('clusters', { id, title, cluster: name, host: server.name }, invoke);
  try {
    const changed = await run.phase('clusters', async () => {
      const claim = await step('claim', 'claim the host', (call) =>
        act.claimHost.executeWithOptions(call, [{ host: server, topology: topology.name }]),
      );
      // Images and tools travel while K3s comes up: K3s imports images as they arrive.
      const kubernetes = step('k3s-files', 'ship K3s', (call) =>
        act.ensureK3sFiles.executeWithOptions(call, [{ host: server, source, version: k3s.version }]),
      ).then(async (files) => {
        const install = await step('k3s', 'install and start K3s', (call) =>
          act.ensureK3s.executeWithOptions(call, [{ host: server, source, k3s }]),
        );
        const ready = await step('k3s-ready', 'wait for Kubernetes', (call) =>
          act.awaitK3s.executeWithOptions(call, [{ host: server }]),
        );
        const [kubeconfig, secrets] = await Promise.all([
          step('kubeconfig', 'write kubeconfigs', (call) =>
            act.ensureKubeconfigs.executeWithOptions(call, [{ host: server }]),
          ),
          step('secrets', 'create the namespace and its Secrets', (call) =>
            act.ensureNatsSecrets.executeWithOptions(call, [{ topology: topology.name, server, role: cluster.role }]),
          ),
        ]);
        return [files, install, ready, kubeconfig, secrets];
      });
      const images = step('images', 'ship images', (call) =>
        act.ensureImages.executeWithOptions(call, [{ host: server, source }]),
      );
      const tools = step('tools', 'ship command-line tools', (call) =>
        act.ensureTools.executeWithOptions(call, [{ host: server, source }]),
      );
      const [installed, ...shipped] = await Promise.all([kubernetes, images, tools]);
      const imported = await step('images-imported', 'wait for the images', (call) =>
        act.awaitImages.executeWithOptions(call, [
          { host: server, source, images: [nats.images.server, nats.images.box] },
        ]),
      );
      return [claim, ...installed, ...shipped, imported].flatMap((result) => result.changed);
    });
    run.finish('done');
    return { changed };
  } catch (error) {
    run.finish('failed');
    throw error;
  }
}
