import type { V1Node } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { hostOf, type Scope } from '../../contract/topology/scope.js';
import type { Cluster, Host } from '../../contract/topology/topology.js';
import { hostAddresses, natsPolicy } from '../../domain/multicluster/mesh-policy.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { part } from '../part.js';
import type { KubernetesCluster } from '../ports.js';
import { awaited } from '../waiting/wait.js';

const NODE = { timeoutMs: 60_000, look: 'kubectl get nodes -o yaml' };
const NODES_PATH = '/api/v1/nodes';
/** Stands for the range of a node that is not there yet, which only the objects' contents depend on. */
const UNKNOWN_RANGE = '0.0.0.0/24';

interface Wanted {
  role: Cluster['role'];
  host: Host;
}

interface Facts {
  range: string | undefined;
  objects: ObjectSeen[];
}

const objectsFor = ({ role, host }: Wanted, range: string) =>
  natsPolicy(role, hostAddresses(range, host.internalAddress));

/** Closes the NATS ports to unmeshed peers. */
export const meshPolicy = part({
  name: 'mesh-policy',
  title: 'close NATS ports to unmeshed peers',
  phase: 'link',
  needs: ['linkerd-crds', 'nats-secrets'],
  livesIn: 'cluster',
  wanted: (scope: Scope): Wanted => ({ role: scope.cluster.role, host: hostOf(scope) }),

  look: async (site, wanted, goal): Promise<Facts> => {
    const kube = await site.kubeIfUp();
    const range = kube && (await podRange(kube, wanted.host));
    return { range, objects: await seeObjects(site, objectsFor(wanted, range ?? UNKNOWN_RANGE), goal) };
  },

  decide: ({ objects }) => decideObjects(objects),
  undo: ({ objects }) => removeObjects(objects),

  act: async (site, steps, { range: seen, objects }, wanted) => {
    if (steps.some(({ verb }) => verb === 'delete')) return actOnObjects(site, steps, objects);
    const kube = await site.kube();
    let range = seen;
    await awaited(site, NODE, async () => {
      range ??= await podRange(kube, wanted.host);
      return range === undefined ? 'the node has no range for its pods' : undefined;
    });
    const known = objectsFor(wanted, range ?? UNKNOWN_RANGE);
    await actOnObjects(
      site,
      steps,
      objects.map((object, index) => ({ ...object, wanted: known[index] ?? object.wanted })),
    );
  },
});

/** Range of the pods on the cluster's one node. A node that was there before leafspan may have another name than the host. */
async function podRange(kube: KubernetesCluster, { name }: Host): Promise<string | undefined> {
  const { body } = await kube.get(NODES_PATH);
  const { items = [] } = parseObject<{ items?: V1Node[] }>(body, {});
  const node = items.find(({ metadata }) => metadata?.name === name) ?? items[0];
  return node?.spec?.podCIDR;
}
