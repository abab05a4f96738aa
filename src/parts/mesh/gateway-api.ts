import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { ProvisionError } from '../../contract/errors.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { GATEWAY_API_MARK, gatewayApiObjects, gatewayApiStep } from '../../domain/linkerd/gateway-api.js';
import { part } from '../part.js';
import { actOnRendered } from '../rendered-apply.js';
import { decideRendered, seeRendered, undoRendered, type RenderedPart, type RenderedSeen } from '../rendered.js';
import type { Site } from '../site.js';
import { gatewayApiSource, type ManifestSource } from './gateway-api-source.js';

const NAME = 'gateway-api';

interface Facts {
  seen: RenderedSeen;
  rendered: RenderedPart;
  /** The CRDs were there before us, so they stay as they are. */
  others: boolean;
}

const renderedFrom = ({ sha256, read }: ManifestSource): RenderedPart => ({
  name: NAME,
  title: 'Gateway API CRDs',
  inputs: { source: `sha256:${sha256}` },
  render: async () => gatewayApiObjects(await read(), sha256),
});

/** Linkerd needs the CRDs of the Gateway API. Some releases of K3s install them: those stay. */
export const gatewayApi = part({
  name: NAME,
  title: 'install Gateway API CRDs',
  phase: 'clusters',
  needs: ['k3s'],
  livesIn: 'cluster',
  wanted: ({ settings: { artifacts } }) => artifacts,

  look: async (site, source, goal): Promise<Facts> => {
    const [seen, manifests] = await Promise.all([
      seeRendered(site, { name: NAME }),
      goal === 'present' ? gatewayApiSource(site, source) : { sha256: '', read: () => Promise.resolve('') },
    ]);
    const others =
      goal === 'present' && seen.inventory === undefined && (await belongsToOthers(site, manifests.sha256));
    return { seen, rendered: renderedFrom(manifests), others };
  },

  decide: ({ seen, rendered, others }) => (others ? [] : decideRendered(seen, rendered)),
  undo: ({ seen, rendered }) => undoRendered(seen, rendered),
  act: (site, steps, { seen, rendered }) => actOnRendered(site, steps, seen, rendered),
});

/** @throws ProvisionError GATEWAY_API_UNFIT for CRDs that are not ours and that Linkerd does not work with */
async function belongsToOthers(site: Site, sha256: string): Promise<boolean> {
  const kube = await site.kubeIfUp();
  const mark = await kube?.read<V1CustomResourceDefinition>(GATEWAY_API_MARK);
  if (mark?.metadata?.labels?.[OWNER_LABEL] === FIELD_MANAGER) return false;
  const step = gatewayApiStep(mark, sha256);
  if (step.kind === 'refuse')
    throw new ProvisionError('GATEWAY_API_UNFIT', step.because, step.hint, { host: site.host.name });
  return step.kind === 'keep';
}
