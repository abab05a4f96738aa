import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { ProvisionError } from '../../contract/errors.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { GATEWAY_API_ARTIFACT } from '../../domain/artifacts/components/linkerd-images.js';
import { gatewayApiDownloads } from '../../domain/artifacts/releases.js';
import { GATEWAY_API_MARK, gatewayApiObjects, gatewayApiStep } from '../../domain/linkerd/gateway-api.js';
import type { Rendered } from '../../domain/linkerd/render.js';
import { part } from '../part.js';
import type { Ports } from '../ports.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import {
  decideRendered,
  seeRendered,
  undoRendered,
  type RenderedPart,
  type RenderedSeen,
} from '../objects/rendered.js';
import type { Site } from '../site.js';
import { manifestSource, NO_MANIFESTS, type ManifestSource } from '../objects/manifest-source.js';

const NAME = 'gateway-api';
const MANIFESTS = { artifact: GATEWAY_API_ARTIFACT, downloads: gatewayApiDownloads };

interface Facts {
  seen: RenderedSeen;
  rendered: RenderedPart;
  /** The CRDs were there before us, so they stay as they are. */
  others: boolean;
}

const renderedFrom = (source: ManifestSource): RenderedPart => ({
  name: NAME,
  title: 'Gateway API CRDs',
  inputs: { source: `sha256:${source.sha256}` },
  render: ({ ports }) => objectsOf(ports, source),
});

interface Parsed {
  sha256: string;
  objects: readonly Rendered[];
}

/** The latest source of a worker: all leaves of a fleet have the same, and its YAML takes a third of a second to parse. */
const latest = new WeakMap<Ports, Parsed>();

async function objectsOf(ports: Ports, { sha256, read }: ManifestSource): Promise<readonly Rendered[]> {
  const seen = parsedFrom(ports, sha256);
  if (seen !== undefined) return seen;
  const yaml = await read();
  // Another leaf may have been faster.
  const objects = parsedFrom(ports, sha256) ?? gatewayApiObjects(yaml, sha256);
  latest.set(ports, { sha256, objects });
  return objects;
}

function parsedFrom(ports: Ports, sha256: string): readonly Rendered[] | undefined {
  const parsed = latest.get(ports);
  return parsed?.sha256 === sha256 ? parsed.objects : undefined;
}

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
      goal === 'present' ? manifestSource(site, source, MANIFESTS) : NO_MANIFESTS,
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
