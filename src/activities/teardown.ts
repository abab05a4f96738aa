import { ProvisionError } from '../contract/errors.js';
import { ownerScript, releaseHostScript, removeHostScript, remainsScript } from '../domain/hosts/removal.js';
import { removeKubeconfigsScript } from '../domain/k3s/kubeconfigs.js';
import { monitorPath } from '../domain/nats/monitor.js';
import type { Host } from '../contract/topology.js';
import { guarded, type Work } from './activity.js';
import type { Ports } from '../parts/ports.js';
import { runningApi } from './running-api.js';
import { DeadlineError, until } from './wait.js';
import { leafRole, NATS_NAMESPACE } from '../domain/nats/names.js';
import type { ObjectRef } from '../domain/kubernetes/objects.js';

interface HostInput {
  host: Host;
}

const REMOVE_TIMEOUT_MS = 4 * 60_000;
const PODS_GONE_TIMEOUT_MS = 90_000;
/** A leaf node that died hard is listed until three pings of 20 s are lost. */
const LEAVES_GONE_TIMEOUT_MS = 90_000;
const LEAFZ_PATH = monitorPath('nats-broker', 'leafz');
/** Nobody is left to drain to; the pod only needs time to close its connections. */
const GRACE_SECONDS = 2;

const named = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NATS_NAMESPACE },
});

export const teardownActivities = (ports: Ports) => {
  const { hosts, secrets, clock } = ports;

  const removeWorkloads = async (
    host: Host,
    workloads: ObjectRef[],
    apps: string[],
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await runningApi(ports, host, work);
    if (cluster === undefined) return { changed: [] };
    const changed: string[] = [];
    for (const workload of workloads)
      if (await cluster.remove(workload, GRACE_SECONDS))
        changed.push(`removed ${workload.kind}/${workload.metadata.name} on ${host.cluster}`);
    await until(clock, { timeoutMs: PODS_GONE_TIMEOUT_MS, everyMs: 200, signal: work.signal }, async () => {
      const pods = (await Promise.all(apps.map((app) => cluster.pods(NATS_NAMESPACE, `app=${app}`)))).flat();
      if (pods.length === 0) return { ready: true };
      const saw = pods.map((pod) => pod.metadata?.name ?? '?').join(', ');
      work.heartbeat(`waiting for ${saw} to end`);
      return { ready: false, saw };
    }).catch((error: unknown) => {
      if (!(error instanceof DeadlineError)) throw error;
      const remedy = `look at: kubectl -n ${NATS_NAMESPACE} get pods`;
      throw new ProvisionError('NOT_READY', `pods do not end: ${error.message}`, remedy, { host: host.name });
    });
    return { changed };
  };

  return {
    /** @throws ProvisionError HOST_LOCKED when the host belongs to another topology: nothing of it is touched */
    checkOwner: guarded(async ({ host, topology }: HostInput & { topology: string }, { signal }) => {
      const owner = (await hosts.run(host, ownerScript, { signal })).stdout.trim();
      if (owner !== '' && owner !== topology)
        throw new ProvisionError(
          'HOST_LOCKED',
          `belongs to topology "${owner}"`,
          `tear that topology down: teardown ${owner}`,
          { host: host.name },
        );
      return { changed: [] };
    }),

    removeLeafNode: guarded(({ host }: HostInput, work) =>
      removeWorkloads(
        host,
        [named('apps/v1', 'Deployment', 'subscriber'), named('apps/v1', 'StatefulSet', 'nats-leaf')],
        ['subscriber', 'nats-leaf'],
        work,
      ),
    ),

    /** Until the broker itself no longer lists the leaf nodes: what cuts them is their own end, not the end of the mirror. */
    awaitLeavesGone: guarded(async ({ host, leaves }: HostInput & { leaves: string[] }, work) => {
      const cluster = await runningApi(ports, host, work);
      if (cluster === undefined) return { changed: [] };
      let linked: string[] = [];
      await until(clock, { timeoutMs: LEAVES_GONE_TIMEOUT_MS, everyMs: 200, signal: work.signal }, async () => {
        const { status, body } = await cluster.get(LEAFZ_PATH);
        const { leafs = [] } = (status === 200 ? JSON.parse(body) : {}) as { leafs?: { name: string }[] };
        linked = leaves.map(leafRole).filter((name) => leafs.some((leaf) => leaf.name === name));
        return linked.length === 0 ? { ready: true } : { ready: false, saw: linked.join(', ') };
      }).catch((error: unknown) => {
        if (!(error instanceof DeadlineError)) throw error;
      });
      // The broker goes all the same, and its connections with it; but it is told.
      return { changed: linked.map((name) => `left ${name} linked until the broker ended on ${host.cluster}`) };
    }),

    removeBroker: guarded(({ host }: HostInput, work) =>
      removeWorkloads(
        host,
        [
          named('apps/v1', 'Deployment', 'publisher'),
          named('v1', 'Service', 'nats-broker-external'),
          named('apps/v1', 'StatefulSet', 'nats-broker'),
        ],
        ['publisher', 'nats-broker'],
        work,
      ),
    ),

    /** Uninstalls, then looks whether anything is left. @throws ProvisionError REMAINS_FOUND, retried */
    removeHost: guarded(async ({ host, topology }: HostInput & { topology: string }, { signal, heartbeat }) => {
      const owner = (await hosts.run(host, ownerScript, { signal })).stdout.trim();
      // Without our claim the host is bare, or not ours: either way there is nothing to remove.
      if (owner !== topology) return { changed: [] };
      heartbeat('removing K3s');
      await hosts.run(host, removeKubeconfigsScript(host.ssh.user), { signal });
      await hosts.run(host, removeHostScript, { signal, timeoutMs: REMOVE_TIMEOUT_MS });
      const remains = (await hosts.run(host, remainsScript, { signal })).stdout.trim();
      if (remains !== '')
        throw new ProvisionError(
          'REMAINS_FOUND',
          `still there after the removal: ${remains.split('\n').join('; ')}`,
          'it is tried again; see who holds it on the host',
          {
            host: host.name,
          },
        );
      await hosts.run(host, releaseHostScript, { signal, failFast: true });
      return { changed: [`removed K3s and all files from ${host.name}`] };
    }),

    purgeKeys: guarded(async ({ topology }: { topology: string }) => ({
      changed: (await secrets.purge(topology)) ? [`deleted the keys of topology ${topology}`] : [],
    })),
  };
};
