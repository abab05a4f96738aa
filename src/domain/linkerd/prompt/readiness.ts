import type { KubernetesObject, V1Container, V1Deployment, V1Probe } from '@kubernetes/client-node';

/** The kubelet's default. */
const DEFAULT_SECONDS = 10;
const DEFAULT_FAILURES = 3;
const SECONDS = 2;

/**
 * Whether a container is ready is asked every 10 s where a manifest does not say otherwise, as Linkerd's do not. The parts of
 * the control plane wait for each other's Services, so such pauses add up. Asked every 2 s they are ready sooner; it takes
 * as long as before until they count as not ready.
 */
export function withPromptReadiness<T extends KubernetesObject>(object: T): T {
  if (object.kind !== 'Deployment') return object;
  const { spec } = object as T & V1Deployment;
  const pod = spec?.template.spec;
  if (spec === undefined || pod === undefined) return object;
  const containers = pod.containers.map(prompt);
  const initContainers = pod.initContainers?.map(prompt);
  const inner = { ...pod, containers, ...(initContainers === undefined ? {} : { initContainers }) };
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: inner } } };
}

const prompt = (container: V1Container): V1Container => {
  const { readinessProbe: probe } = container;
  return probe === undefined || probe.periodSeconds !== undefined
    ? container
    : { ...container, readinessProbe: sooner(probe) };
};

const sooner = (probe: V1Probe): V1Probe => ({
  ...probe,
  periodSeconds: SECONDS,
  failureThreshold: ((probe.failureThreshold ?? DEFAULT_FAILURES) * DEFAULT_SECONDS) / SECONDS,
});
