import { gatewayOf, isHub, type Scope } from '../../contract/topology/scope.js';
import type { ObjectRef } from '../../domain/kubernetes/objects.js';
import type { Inputs } from '../../domain/kubernetes/inventory.js';
import { MULTICLUSTER_NAMESPACE } from '../../domain/linkerd/names.js';
import { renderMulticlusterScript } from '../../domain/linkerd/render.js';
import { hubValues, leafValues } from '../../domain/multicluster/values.js';
import type { RenderedPart } from '../objects/rendered.js';
import { renderWith } from './render.js';

export const isDeployment = ({ kind }: ObjectRef): boolean => kind === 'Deployment';

interface ExtensionPart {
  name: string;
  title: string;
  /** What the objects of this part depend on in addition to the release. */
  inputs: Inputs;
  has: (ref: ObjectRef) => boolean;
}

/** Some of the objects that Linkerd renders for its multicluster extension. */
export function extensionPart(scope: Scope, { name, title, inputs, has }: ExtensionPart): RenderedPart {
  const { broker, linkerd } = scope.settings;
  const gateway = gatewayOf(scope);
  const script = renderMulticlusterScript(isHub(scope) ? hubValues(gateway) : leafValues(broker.name, gateway));
  return {
    name,
    title: `${title} ${linkerd.version}`,
    inputs: { version: linkerd.version, ...inputs },
    render: async (site) => (await renderWith(site, linkerd.version, script)).filter(has),
    earlier: { namespace: MULTICLUSTER_NAMESPACE, has },
  };
}
