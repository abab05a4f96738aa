import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { ProvisionError } from '../../contract/errors.js';
import type { Step } from '../../contract/plan.js';
import type { Scope } from '../../contract/topology/scope.js';
import type { ArtifactSource } from '../../contract/topology/topology.js';
import { NGINX_INGRESS_CRDS, NGINX_INGRESS_IMAGE } from '../../domain/artifacts/components/nginx-ingress.js';
import { nginxIngressDownloads } from '../../domain/artifacts/components/nginx-ingress-crds.js';
import { crdOwner, EDGE_CRD_MARKS, edgeCrds } from '../../domain/edge/crds.js';
import { EDGE } from '../../domain/edge/names.js';
import { EDGE_REFS, edgeObjects, type EdgeSpec } from '../../domain/edge/objects.js';
import { isOurs } from '../../domain/kubernetes/ownership.js';
import { MONITOR_SERVER } from '../../domain/pki/profiles.js';
import { isRenewal } from '../../domain/pki/renewal.js';
import type { Dress } from '../nats/dress.js';
import type { NodePorts } from '../../domain/nats/objects/external-ports.js';
import { awaitGone } from '../objects/gone.js';
import { manifestSource, NO_MANIFESTS, type ManifestSource } from '../objects/manifest-source.js';
import { objectName } from '../objects/object-name.js';
import {
  actOnObjects,
  decideObjects,
  removeObjects,
  secretsOnly,
  seeObjects,
  type ObjectSeen,
} from '../objects/objects.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import {
  decideRendered,
  seeRendered,
  undoRendered,
  type RenderedPart,
  type RenderedSeen,
} from '../objects/rendered.js';
import { part, touching, type Goal } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { Site } from '../site.js';
import { edgeChecks } from './checks/edge-checks.js';

const NAME = 'nginx-edge';
const MANIFESTS = { artifact: NGINX_INGRESS_CRDS, downloads: nginxIngressDownloads };

interface Wanted {
  source: ArtifactSource;
  image: string;
  tcp: EdgeSpec['tcp'];
  allow: readonly string[] | undefined;
}

interface Facts {
  crds: RenderedSeen;
  rendered: RenderedPart;
  /** The CRDs were there before us, so they stay as they are. */
  others: boolean;
  objects: ObjectSeen[];
  /** Objects of an earlier topology. */
  former: ObjectSeen[];
}

const imageOf = ({ settings: { nats } }: Scope): string => nats.images.edge ?? NGINX_INGRESS_IMAGE;

/** F5's NGINX Ingress Controller in front of the broker. Its ports of the host are a part of their own. */
export const nginxEdge = (dress: Dress, ports: (scope: Scope) => NodePorts) =>
  part({
    name: NAME,
    title: 'run the NGINX edge',
    phase: 'link',
    needs: ['nats-secrets', 'images', 'linkerd'],
    livesIn: 'cluster',
    images: (scope) => [imageOf(scope)],
    wanted: (scope): Wanted => ({
      source: scope.settings.artifacts,
      image: imageOf(scope),
      tcp: ports(scope).leaf === undefined ? ['client'] : ['client', 'leaf'],
      allow: scope.settings.nats.monitoring?.allow,
    }),
    look: (site, wanted, goal) => (goal === 'present' ? seeEdge(site, wanted, dress) : seeLeft(site, goal)),
    decide: ({ crds, rendered, others, objects, former }) => [
      ...because(removeObjects(former), 'the topology has no such route'),
      ...(others ? [] : decideRendered(crds, rendered)),
      ...decideObjects(objects),
    ],
    renew: secretsOnly,
    undo: ({ crds, rendered, former }) => [...removeObjects(former), ...undoRendered(crds, rendered)],
    act: actOnEdge,
    checks: (scope) => edgeChecks(scope, ports(scope)),
  });

/** Takes out what an earlier topology had, where another edge or none is wanted. */
export const noNginxEdge = part({
  name: NAME,
  title: 'remove the NGINX edge',
  phase: 'link',
  // Clients that it loses find the other ports open.
  needs: ['external-ports'],
  livesIn: 'cluster',
  wanted: () => undefined,
  look: (site, _wanted, goal) => seeLeft(site, goal),
  decide: ({ crds, rendered, former }) =>
    because([...removeObjects(former), ...undoRendered(crds, rendered)], 'the topology has another edge'),
  undo: ({ crds, rendered, former }) => [...removeObjects(former), ...undoRendered(crds, rendered)],
  act: actOnEdge,
});

const because = (steps: readonly Step[], reason: string): Step[] => steps.map((step) => ({ ...step, because: reason }));

async function seeEdge(site: Site, { source, image, tcp, allow }: Wanted, dress: Dress): Promise<Facts> {
  const [crds, manifests, tls] = await Promise.all([
    seeRendered(site, { name: NAME }),
    // A renewal needs no bundle: it applies none of them.
    isRenewal(site.scope) ? NO_MANIFESTS : manifestSource(site, source, MANIFESTS),
    allow === undefined ? undefined : plannedMaterial(site, MONITOR_SERVER),
  ]);
  const monitoring = allow === undefined || tls === undefined ? undefined : { allow, tls };
  const wanted = dress(edgeObjects({ image, tcp, monitoring }));
  const names = new Set(wanted.map(objectName));
  const [others, objects, former] = await Promise.all([
    crds.inventory === undefined && belongToOthers(site),
    seeObjects(site, wanted, 'present'),
    seeAll(site, (name) => !names.has(name)),
  ]);
  return { crds, rendered: renderedFrom(manifests), others, objects, former };
}

/** The namespace is the last that a removal deletes: a topology with another edge need not look further when it is gone. */
async function seeLeft(site: Site, goal: Goal): Promise<Facts> {
  const kube = await site.kubeIfUp();
  const [crds, namespace] = await Promise.all([seeRendered(site, { name: NAME }), kube?.read(EDGE.namespace)]);
  const isLeft = goal === 'absent' || (namespace !== undefined && isOurs(namespace));
  const former = isLeft ? await seeAll(site, () => true) : [];
  return { crds, rendered: renderedFrom(NO_MANIFESTS), others: false, objects: [], former };
}

const seeAll = (site: Site, isAsked: (name: string) => boolean): Promise<ObjectSeen[]> =>
  seeObjects(
    site,
    EDGE_REFS.filter((ref) => isAsked(objectName(ref))),
    'absent',
  );

const renderedFrom = ({ sha256, read }: ManifestSource): RenderedPart => ({
  name: NAME,
  title: 'CRDs of the NGINX Ingress Controller',
  inputs: { source: `sha256:${sha256}` },
  render: async () => edgeCrds(await read(), sha256),
});

/** @throws ProvisionError OBJECT_FOREIGN for CRDs that are not ours and do not fit */
async function belongToOthers(site: Site): Promise<boolean> {
  const kube = await site.kubeIfUp();
  if (kube === undefined) return false;
  const owner = crdOwner(await Promise.all(EDGE_CRD_MARKS.map((mark) => kube.read<V1CustomResourceDefinition>(mark))));
  if (typeof owner === 'string') return owner === 'others';
  const hint = 'update that controller, or use another edge';
  throw new ProvisionError('OBJECT_FOREIGN', owner.unfit, hint, { host: site.host.name, cluster: site.cluster });
}

/** Routes go before the definitions of their kinds, and come after them. */
async function actOnEdge(
  site: Site,
  steps: readonly Step[],
  { crds, rendered, objects, former }: Facts,
): Promise<void> {
  const isDeletion = ({ verb }: Step): boolean => verb === 'delete';
  await actOnObjects(site, steps.filter(isDeletion), former);
  if (touching(steps.filter(isDeletion), objectName(EDGE.namespace)) !== undefined)
    await awaitGone(site, [EDGE.namespace]);
  await actOnRendered(site, steps, crds, rendered);
  await actOnObjects(
    site,
    steps.filter((step) => !isDeletion(step)),
    objects,
  );
}
