import type { V1DeploymentSpec } from '@kubernetes/client-node';
import type { ManifestObject } from '../kubernetes/objects.js';
import { meshed } from '../linkerd/meshed.js';
import { INJECT, SHUTDOWN_GRACE, SKIP_INBOUND } from '../linkerd/names.js';
import { EDGE_NAMESPACE, EDGE_PORTS } from './names.js';

/**
 * What comes from outside is not meshed and goes past the proxy: the proxy would wait for a client that lets the server speak
 * first, and the allow-list would see the proxy's address for everyone. What goes to the broker is meshed.
 */
const ANNOTATIONS = {
  [INJECT]: 'enabled',
  [SKIP_INBOUND]: Object.values(EDGE_PORTS).join(','),
  [SHUTDOWN_GRACE]: '1s',
};

/** What the mesh adds to an object of the edge. */
export const meshedEdge = (object: ManifestObject): ManifestObject => {
  if (object.kind === 'Deployment') return withAnnotations(object);
  const isOwnPolicy = object.kind === 'NetworkPolicy' && object.metadata.namespace === EDGE_NAMESPACE;
  return isOwnPolicy ? object : meshed(object);
};

function withAnnotations(object: ManifestObject): ManifestObject {
  const { spec } = object as unknown as { spec: V1DeploymentSpec };
  const { metadata, ...template } = spec.template;
  const annotations = { ...metadata?.annotations, ...ANNOTATIONS };
  return Object.assign({}, object, {
    spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations } } },
  });
}
