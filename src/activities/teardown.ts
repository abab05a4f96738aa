import { ProvisionError } from '../contract/errors.js';
import { ownerScript, removeHostScript, remainsScript } from '../domain/hosts/removal.js';
import { removeKubeconfigsScript } from '../domain/k3s/kubeconfigs.js';
import { NATS_NAMESPACE } from '../domain/pki/profiles.js';
import type { Host } from '../domain/topology/types.js';
import { guarded, type Work } from './guard.js';
import type { KubernetesCluster, ObjectRef, Ports } from './ports.js';
import { DeadlineError, until } from './wait.js';

interface HostInput {
  host: Host;
}

const REMOVE_TIMEOUT_MS = 4 * 60_000;
const PODS_GONE_TIMEOUT_MS = 90_000;
/** Nobody is left to drain to; the pod only needs time to close its connections. */
const GRACE_SECONDS = 2;

const named = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NATS_NAMESPACE },
});

export const teardownActivities = (ports: Ports) => {
  const { hosts, kubernetes, secrets, clock } = ports;

  /** The cluster's API, or undefined when there is no running K3s of ours: then the host's removal does it all. */
  const apiOf = async (host: Host, { signal }: Work): Promise<KubernetesCluster | undefined> => {
    const { stdout } = await hosts.run(
      host,
      'systemctl is-active k3s.service || true; [ -s /etc/rancher/k3s/k3s.yaml ] && echo kubeconfig; true',
      { signal },
    );
    if (!/^active\nkubeconfig/.test(stdout)) return undefined;
    const cluster = await kubernetes.cluster(host, { signal });
    const ready = await cluster.get('/readyz').catch(() => undefined); // a K3s that does not answer is removed as it is
    return ready?.status === 200 ? cluster : undefined;
  };

  const removeWorkloads = async (
    host: Host,
    workloads: ObjectRef[],
    apps: string[],
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await apiOf(host, work);
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
      return { changed: [`removed K3s and all files from ${host.name}`] };
    }),

    purgeKeys: guarded(async ({ topology }: { topology: string }) => ({
      changed: (await secrets.purge(topology)) ? [`deleted the keys of topology ${topology}`] : [],
    })),
  };
};
