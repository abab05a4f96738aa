import { randomBytes } from 'node:crypto';
import type { V1CustomResourceDefinition, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { parseObject } from '../../../contract/json.js';
import { isProvisionError } from '../../../contract/errors.js';
import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { controlPlaneCheckScript, parseFindings, type LinkerdFindings } from '../../../domain/linkerd/check-output.js';
import { GATEWAY_API_MARK } from '../../../domain/linkerd/gateway-api.js';
import { GATEWAY_API_VERSION } from '../../../domain/linkerd/gateway-api-version.js';
import { injectionProbe } from '../../../domain/linkerd/injection.js';
import { CONTROL_PLANE, LINKERD_NAMESPACE } from '../../../domain/linkerd/names.js';
import { hasProxy } from '../../../domain/linkerd/proxy.js';
import { linkerdVersionScript } from '../../../domain/linkerd/render.js';
import { versionProblems, type MeshVersions } from '../../../domain/linkerd/versions.js';
import { check, keyOf, type Check, type CheckKey } from '../../check.js';
import { kubernetesReady } from '../../host/k3s.js';
import type { KubernetesCluster } from '../../ports.js';
import type { Site } from '../../site.js';
import { availability } from '../../objects/availability.js';
import { meshPods, type MeshPod } from './mesh-pods.js';

const PROXY_VERSION = 'linkerd.io/proxy-version';
/** After its start the injector can let a pod pass unmeshed although it counts as available; seen in half of 12 restarts. */
const IN_A_ROW = 3;

export const controlPlaneAvailable = (cluster: string): CheckKey =>
  keyOf({ id: 'control-plane-available', subject: cluster });
export const podsMeshed = (cluster: string): CheckKey => keyOf({ id: 'pods-meshed', subject: cluster });

export const controlPlaneChecks = ({ cluster: { name }, settings: { linkerd } }: Scope): Check[] => [
  availability(
    {
      id: 'control-plane-available',
      category: 'linkerd',
      subject: name,
      title: "Linkerd's control plane is available",
      needs: [kubernetesReady(name)],
    },
    LINKERD_NAMESPACE,
    CONTROL_PLANE,
  ),
  injectorInjects(name),
  linkerdHealthy(name, linkerd.version),
  versionsFit(name, linkerd.version),
  everyPodMeshed(name),
];

const injectorInjects = (subject: string): Check =>
  check<number>({
    id: 'injector-injects',
    category: 'linkerd',
    subject,
    title: 'new pods get the proxy',
    severity: 'error',
    needs: [controlPlaneAvailable(subject)],
    retry: { forSeconds: 180, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: `kubectl -n ${LINKERD_NAMESPACE} logs deploy/linkerd-proxy-injector` },
    probe: injectedInARow,
    judge: (injected) =>
      injected === IN_A_ROW
        ? pass(`${IN_A_ROW} dry runs`)
        : fail(`dry run ${injected + 1} of ${IN_A_ROW} made a pod without the proxy`),
  });

const linkerdHealthy = (subject: string, version: string): Check =>
  check<LinkerdFindings>({
    id: 'linkerd-healthy',
    category: 'linkerd',
    subject,
    title: "Linkerd's own check finds no problem",
    severity: 'error',
    soon: true,
    needs: [kubernetesReady(subject)],
    retry: { forSeconds: 60, everySeconds: 2 },
    probe: async (site) => {
      const printed = await site.print(controlPlaneCheckScript(version), { okCodes: [1] });
      return parseFindings(printed, 'control-plane');
    },
    judge: judgeFindings,
  });

const versionsFit = (subject: string, version: string): Check =>
  check<MeshVersions>({
    id: 'linkerd-versions-fit',
    category: 'linkerd',
    subject,
    title: 'the releases of Linkerd, Kubernetes and the Gateway API fit together',
    severity: 'error',
    needs: [kubernetesReady(subject)],
    probe: seeVersions,
    judge: (seen) => {
      const [problem, ...more] = versionProblems(seen, version);
      if (problem !== undefined) return fail(problem, more.join('; ') || undefined);
      return pass(`${seen.controlPlane}, Kubernetes ${seen.kubernetes}, Gateway API ${seen.gatewayApi ?? ''}`);
    },
  });

const everyPodMeshed = (subject: string): Check =>
  check<MeshPod[]>({
    id: 'pods-meshed',
    category: 'linkerd',
    subject,
    title: 'every NATS pod has the proxy and is Ready',
    severity: 'error',
    needs: [kubernetesReady(subject)],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: meshPods,
    judge: (pods) => {
      const bare = pods.filter(({ meshed }) => !meshed).map(({ name }) => name);
      const waiting = pods.filter(({ ready }) => !ready).map(({ name }) => name);
      if (pods.length === 0) return fail('there is no NATS pod');
      if (bare.length > 0) return fail(`pods run without the proxy: ${bare.join(', ')}`);
      return waiting.length === 0 ? pass(`${pods.length} pods`) : fail(`pods are not Ready: ${waiting.join(', ')}`);
    },
  });

export function judgeFindings({ errors: [error, ...more], warnings }: LinkerdFindings) {
  if (error !== undefined) return fail(error, more.join('; ') || undefined);
  return warnings.length === 0 ? pass() : pass(warnings.join('; '));
}

/** Dry runs of a new pod that came back with the proxy, until the first without it. */
async function injectedInARow(site: Site): Promise<number> {
  const kube = await site.kube();
  let injected = 0;
  while (injected < IN_A_ROW && (await injects(kube))) injected += 1;
  return injected;
}

/** A webhook that does not respond is a finding here. */
async function injects(kube: KubernetesCluster): Promise<boolean> {
  try {
    const pod = await kube.dryRun<V1Pod>(injectionProbe(randomBytes(4).toString('hex')));
    return hasProxy(pod.spec);
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return false;
    throw error;
  }
}

async function seeVersions(site: Site): Promise<MeshVersions> {
  const kube = await site.kube();
  const destination = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'linkerd-destination', namespace: LINKERD_NAMESPACE },
  };
  const [cli, deployment, pods, version, crd] = await Promise.all([
    site.print(linkerdVersionScript),
    kube.read<V1Deployment>(destination),
    meshPods(site),
    kube.get('/version'),
    kube.read<V1CustomResourceDefinition>(GATEWAY_API_MARK),
  ]);
  const images = deployment?.spec?.template.spec?.containers.map(({ image }) => image ?? '') ?? [];
  const controller = images.find((image) => /\/controller:/.test(image)) ?? '';
  return {
    cli: cli.trim(),
    controlPlane: controller.slice(controller.lastIndexOf(':') + 1),
    dataPlane: [...new Set(pods.flatMap(({ annotations }) => annotations[PROXY_VERSION] ?? []))],
    kubernetes: parseObject<{ gitVersion?: string }>(version.body, {}).gitVersion ?? '',
    gatewayApi: crd?.metadata?.annotations?.[GATEWAY_API_VERSION],
  };
}
