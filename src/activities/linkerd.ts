import { createHash, randomBytes } from 'node:crypto';
import type { V1CustomResourceDefinition, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { isProvisionError, ProvisionError } from '../contract/errors.js';
import { GATEWAY_API_MARK, gatewayApiObjects, gatewayApiStep } from '../domain/linkerd/gateway-api.js';
import { CONTROL_PLANE, LINKERD_NAMESPACE } from '../domain/linkerd/names.js';
import { injectionProbe } from '../domain/linkerd/injection.js';
import { hasProxy } from '../domain/linkerd/proxy.js';
import {
  linkerdVersionScript,
  parseRender,
  renderControlPlaneScript,
  renderCrdsScript,
  SETTINGS,
  type Rendered,
} from '../domain/linkerd/render.js';
import { deploymentState } from '../domain/kubernetes/workloads.js';
import { issuerOf, TRUST_ANCHOR } from '../domain/pki/profiles.js';
import type { ArtifactSource, Host } from '../contract/topology.js';
import { gatewayApiSource } from './gateway-api-source.js';
import { applied } from './changes.js';
import { guarded, type Work } from './activity.js';
import { applyPart } from './inventory.js';
import { readPair } from './pki.js';
import type { KeyPair, KubernetesCluster, Ports } from '../parts/ports.js';
import { awaited } from './wait.js';
import { refOf, type ObjectRef } from '../domain/kubernetes/objects.js';

interface HostInput {
  host: Host;
}

const READY_TIMEOUT_MS = 3 * 60_000;
const ESTABLISHED_TIMEOUT_MS = 60_000;
/** After its start the injector can let a pod pass unmeshed although it counts as Available; seen in half of 12 restarts. */
const INJECTIONS_IN_A_ROW = 3;

const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');

export const linkerdActivities = (ports: Ports) => {
  const { hosts, kubernetes, secrets, clock } = ports;

  const render = async (host: Host, script: string, { signal }: Work): Promise<Rendered[]> =>
    parseRender((await hosts.run(host, script, { signal, failFast: true })).stdout);

  const stored = async (topology: string, name: string): Promise<KeyPair> => {
    const pair = await readPair(secrets, topology, name);
    if (pair !== undefined) return pair;
    const remedy = 'run provision, which issues what is missing';
    throw new ProvisionError('SECRET_MISSING', `topology "${topology}" has no ${name}`, remedy);
  };

  const awaitEstablished = async (
    cluster: KubernetesCluster,
    objects: ObjectRef[],
    host: Host,
    work: Work,
  ): Promise<void> => {
    const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
    await awaited(clock, host, work, { timeoutMs: ESTABLISHED_TIMEOUT_MS, look: 'kubectl get crds' }, async () => {
      const seen = await Promise.all(crds.map((crd) => cluster.read<V1CustomResourceDefinition>(refOf(crd))));
      const waiting = crds.filter((_, index) => !isEstablished(seen[index])).map(({ metadata }) => metadata.name);
      return waiting.length === 0 ? undefined : `${waiting.join(', ')} not established`;
    });
  };

  return {
    /**
     * Linkerd needs the CRDs of the Gateway API. Some releases of K3s bring them: then they stay as they are.
     * @throws ProvisionError GATEWAY_API_UNFIT for a version that Linkerd does not work with
     */
    ensureGatewayApi: guarded(async ({ host, source }: HostInput & { source: ArtifactSource }, work) => {
      const cluster = await kubernetes.cluster(host, work);
      const manifests = await gatewayApiSource(ports, host, source, work);
      const mark = await cluster.read<V1CustomResourceDefinition>(GATEWAY_API_MARK);
      const step = gatewayApiStep(mark, manifests.sha256);
      if (step.kind === 'refuse')
        throw new ProvisionError('GATEWAY_API_UNFIT', step.because, step.remedy, { host: host.name });
      if (step.kind === 'keep') return { changed: [] };
      const wanted = gatewayApiObjects(await manifests.read(), manifests.sha256);
      work.heartbeat('applying the CRDs of the Gateway API');
      const changes = await cluster.apply(wanted);
      await awaitEstablished(cluster, wanted, host, work);
      return applied(changes, host);
    }),

    ensureLinkerdCrds: guarded(async ({ host }: HostInput, work) => {
      const cluster = await kubernetes.cluster(host, work);
      const crds = await render(host, renderCrdsScript, work);
      const changes = await cluster.apply(crds);
      await awaitEstablished(cluster, crds, host, work);
      return applied(changes, host);
    }),

    /** The control plane with this cluster's issuer under the shared trust anchor. @throws ProvisionError LINKERD_VERSION_DIFFERS */
    ensureLinkerd: guarded(
      async ({ topology, host, version }: HostInput & { topology: string; version: string }, work) => {
        const cluster = await kubernetes.cluster(host, work);
        const cli = (await hosts.run(host, linkerdVersionScript, work)).stdout.trim();
        if (cli !== version)
          throw new ProvisionError(
            'LINKERD_VERSION_DIFFERS',
            `the linkerd command is ${cli === '' ? 'not there' : cli}, ${version} is wanted`,
            'check linkerd.version and the artifacts',
            { host: host.name },
          );
        const [anchor, issuer] = await Promise.all([
          stored(topology, TRUST_ANCHOR),
          stored(topology, issuerOf(host.cluster)),
        ]);
        const changes = await applyPart(cluster, {
          namespace: LINKERD_NAMESPACE,
          digest: sha256(version, SETTINGS, anchor.certificate, issuer.certificate),
          render: () => {
            work.heartbeat('rendering the control plane');
            return render(host, renderControlPlaneScript({ anchors: anchor.certificate, ...issuer }), work);
          },
        });
        return applied(changes.applied, host, changes.removed);
      },
    ),

    /** Until the control plane is Available and the injector is proven by pods that come back injected. */
    awaitLinkerd: guarded(async ({ host }: HostInput, work) => {
      const cluster = await kubernetes.cluster(host, work);
      const look = `kubectl -n ${LINKERD_NAMESPACE} get pods`;
      await awaited(clock, host, work, { timeoutMs: READY_TIMEOUT_MS, look }, async () => {
        const states = await Promise.all(
          CONTROL_PLANE.map(async (name) => {
            const seen = await cluster.read<V1Deployment>(deployment(name));
            const state = deploymentState(seen);
            return state === undefined ? [] : [`${name}: ${state}`];
          }),
        );
        return states.flat()[0];
      });
      let injected = 0;
      await awaited(clock, host, work, { timeoutMs: READY_TIMEOUT_MS, look }, async () => {
        injected = (await injects(cluster)) ? injected + 1 : 0;
        return injected < INJECTIONS_IN_A_ROW
          ? `the injector answered ${injected} of ${INJECTIONS_IN_A_ROW} dry runs`
          : undefined;
      });
      return { changed: [] };
    }),
  };
};

const deployment = (name: string): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: LINKERD_NAMESPACE },
});

const isEstablished = (crd: V1CustomResourceDefinition | undefined): boolean =>
  crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;

/** A webhook that does not answer is an answer here. */
async function injects(cluster: KubernetesCluster): Promise<boolean> {
  try {
    const pod = await cluster.dryRun<V1Pod>(injectionProbe(randomBytes(4).toString('hex')));
    return hasProxy(pod.spec);
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return false;
    throw error;
  }
}
