import { ProvisionError } from '../../contract/errors.js';
import type { Step } from '../../contract/plan.js';
import { gatewayOf, isHub, type Scope } from '../../contract/topology/scope.js';
import { accountObjects, leavesOf, strangersPath } from '../../domain/multicluster/accounts.js';
import { linkAccount, MULTICLUSTER_MARKS } from '../../domain/linkerd/names.js';
import { part } from '../part.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import {
  decideRendered,
  seeRendered,
  undoRendered,
  type RenderedPart,
  type RenderedSeen,
} from '../objects/rendered.js';
import type { Site } from '../site.js';
import { extensionPart, isDeployment } from './extension.js';

interface Facts {
  seen: RenderedSeen;
  /** Leaf clusters that have an account here and that the topology does not have. */
  strangers: string[];
}

interface Wanted {
  rendered: RenderedPart;
  leaves: readonly string[];
  hub: boolean;
}

/**
 * Linkerd's multicluster extension but for its Deployments. It does not need the control plane, so it is applied while
 * that one starts, and the Link after it.
 */
export const multicluster = part({
  name: 'multicluster',
  title: 'install the multicluster extension',
  phase: 'clusters',
  needs: ['linkerd-crds', 'linkerd-command'],
  livesIn: 'cluster',
  wanted: (scope: Scope): Wanted => ({
    rendered: extensionPart(scope, {
      name: 'multicluster',
      title: 'multicluster extension',
      inputs: gatewayInputs(scope),
      has: (ref) => !isDeployment(ref) && !ref.metadata.name.startsWith(linkAccount('')),
    }),
    leaves: scope.leaves,
    hub: isHub(scope),
  }),

  look: async (site, { rendered, leaves, hub }, goal): Promise<Facts> => ({
    seen: await seeRendered(site, goal === 'present' ? { ...rendered, marks: MULTICLUSTER_MARKS } : rendered),
    strangers: hub ? await accountsBesides(site, goal === 'absent' ? [] : leaves) : [],
  }),

  decide: ({ seen, strangers }, { rendered }) => [
    ...decideRendered(seen, rendered),
    ...removals(strangers, 'the topology does not have this leaf'),
  ],

  undo: ({ seen, strangers }, { rendered }) => [
    ...removals(strangers, 'leafspan created it'),
    ...undoRendered(seen, rendered),
  ],

  act: async (site, steps, { seen, strangers }, { rendered }) => {
    const kube = await site.kube();
    for (const leaf of strangers.filter((name) => steps.some(({ object }) => object === accountOf(name))))
      for (const object of accountObjects(leaf).reverse()) await kube.remove(object);
    await actOnRendered(site, steps, seen, rendered);
  },
});

const gatewayInputs = (scope: Scope): Record<string, string> => {
  const { exposure, port, probePort } = gatewayOf(scope);
  const probe = { 'probe port': String(probePort) };
  return isHub(scope) ? { exposure, port: String(port), ...probe } : { hub: scope.settings.broker.name, ...probe };
};

const accountOf = (leaf: string): string => `account ${linkAccount(leaf)}`;

const removals = (leaves: readonly string[], because: string): Step[] =>
  leaves.map((leaf) => ({ verb: 'delete', object: accountOf(leaf), because }));

async function accountsBesides(site: Site, leaves: readonly string[]): Promise<string[]> {
  const kube = await site.kubeIfUp();
  if (kube === undefined) return [];
  const { status, body } = await kube.get(strangersPath(leaves));
  if (status === 200) return leavesOf(body);
  throw new ProvisionError('KUBE_API_FAILED', `listing accounts: the Kubernetes API returned ${status}`, undefined, {
    host: site.host.name,
    cluster: site.cluster,
  });
}
