import { ProvisionError } from '../contract/errors.js';
import { renderK3sConfig } from '../domain/k3s/config.js';
import { k3sFactsScript, parseK3sFacts, planK3s } from '../domain/k3s/install.js';
import { kubeconfigScript } from '../domain/k3s/kubeconfigs.js';
import type { ArtifactSource, Host, K3sSettings } from '../contract/topology.js';
import { guarded } from './activity.js';
import type { Ports } from '../parts/ports.js';
import { kubernetesState } from './readiness.js';
import { DeadlineError, until } from './wait.js';
import { ADOPTED_FILE } from '../domain/hosts/paths.js';

interface K3sInput {
  host: Host;
  source: ArtifactSource;
  k3s: K3sSettings;
}

const READY_TIMEOUT_MS = 5 * 60_000;

export const k3sActivities = ({ hosts, kubernetes, clock }: Ports) => ({
  /** Configuration, install script, unit running from the binary that is there. @throws ProvisionError K3S_VERSION_DIFFERS */
  ensureK3s: guarded(async ({ host, k3s }: K3sInput, { signal, heartbeat }) => {
    const seen = parseK3sFacts((await hosts.run(host, k3sFactsScript, { signal })).stdout);
    if (host.adopt && seen.unit !== undefined) {
      await hosts.run(host, `[ -e ${ADOPTED_FILE} ] || touch ${ADOPTED_FILE}`, { signal });
      return { changed: [] };
    }
    if (seen.version !== k3s.version)
      throw new ProvisionError(
        'K3S_VERSION_DIFFERS',
        `K3s is ${seen.version ?? 'not there'}, ${k3s.version} is wanted`,
        'check k3s.version and the artifacts',
        {
          host: host.name,
        },
      );
    const changed: string[] = [];
    for (const { script, change } of planK3s(seen, renderK3sConfig(host, k3s))) {
      heartbeat(change);
      await hosts.run(host, script, { signal, failFast: true });
      changed.push(change);
    }
    return { changed };
  }),

  /** Asks up the readiness ladder: unit, kubeconfig, /readyz, node, CoreDNS, default ServiceAccount. */
  awaitK3s: guarded(async ({ host }: { host: Host }, { signal, heartbeat }) => {
    await until(clock, { timeoutMs: READY_TIMEOUT_MS, everyMs: 200, signal }, async () => {
      const saw = await kubernetesState({ hosts, kubernetes }, host, signal);
      heartbeat(saw);
      return saw === 'ready' ? { ready: true } : { ready: false, saw };
    }).catch((error: unknown) => {
      if (error instanceof DeadlineError)
        throw new ProvisionError(
          'K3S_NOT_READY',
          `Kubernetes is ${error.message}`,
          'look at: sudo journalctl -u k3s -n 50',
          { host: host.name },
        );
      throw error;
    });
    return { changed: [] };
  }),

  /** Kubeconfigs for the login user; their contents stay on the host. */
  ensureKubeconfigs: guarded(async ({ host }: { host: Host }, { signal }) => {
    const { stdout } = await hosts.run(host, kubeconfigScript(host.ssh.user, host.cluster, host.externalAddress), {
      signal,
      failFast: true,
    });
    return {
      changed: stdout
        .split('\n')
        .filter(Boolean)
        .map((file) => `wrote ${file}`),
    };
  }),
});
