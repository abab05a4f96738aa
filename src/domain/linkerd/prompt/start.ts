import type { KubernetesObject, V1Container, V1Deployment, V1PodTemplateSpec } from '@kubernetes/client-node';
import { INJECT, NO_AWAIT, PROXY_CONTAINER } from '../names.js';

/**
 * Starts the containers of Linkerd's own pods without waiting for their proxy. In the control plane they do not need it: all
 * that they dial is the API server, whose ports are not proxied there. The mirror controller asks again after a failure.
 */
export function withPromptStart<T extends KubernetesObject>(object: T): T {
  if (object.kind !== 'Deployment') return object;
  const { spec } = object as T & V1Deployment;
  if (spec === undefined) return object;
  const injected = spec.template.metadata?.annotations?.[INJECT] === 'enabled';
  const template = injected ? annotated(spec.template) : unprobed(spec.template);
  return { ...object, spec: { ...spec, template } };
}

const annotated = (template: V1PodTemplateSpec): V1PodTemplateSpec => ({
  ...template,
  metadata: { ...template.metadata, annotations: { ...template.metadata?.annotations, ...NO_AWAIT } },
});

function unprobed(template: V1PodTemplateSpec): V1PodTemplateSpec {
  const { spec } = template;
  if (spec?.initContainers === undefined) return template;
  return { ...template, spec: { ...spec, initContainers: spec.initContainers.map(withoutStartupProbe) } };
}

function withoutStartupProbe(container: V1Container): V1Container {
  if (container.name !== PROXY_CONTAINER) return container;
  const proxy = { ...container };
  delete proxy.startupProbe;
  return proxy;
}
