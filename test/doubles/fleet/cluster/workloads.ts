import type { AnyObject, PodTemplate, Stored } from './objects.js';

/** What the pods of a workload need before they can start. */
export interface Surroundings {
  /** When the node was ready; undefined: it is not. */
  nodeReadyAt: number | undefined;
  has(kind: 'Secret' | 'ConfigMap' | 'ServiceAccount', namespace: string, name: string): boolean;
  hasImage(reference: string): boolean;
  /** A webhook that does not respond lets no pod of these namespaces pass. */
  refusesPodsOf(namespace: string): boolean;
}

/** Why the pods do not start; undefined: nothing is missing. */
export function waitingFor(object: AnyObject, around: Surroundings): string | undefined {
  const { namespace = '' } = object.metadata;
  const { spec = {} }: PodTemplate = object.spec?.template ?? {};
  const { serviceAccountName: account = 'default', volumes = [], containers = [] } = spec;
  if (around.nodeReadyAt === undefined) return 'the node is not ready';
  if (object.spec?.['replicas'] === 0) return 'scaled to zero';
  if (around.refusesPodsOf(namespace)) return 'failed calling webhook linkerd-proxy-injector';
  if (account !== 'default' && !around.has('ServiceAccount', namespace, account)) return `no ServiceAccount ${account}`;
  for (const { secret, configMap } of volumes) {
    const name = secret?.secretName;
    if (name !== undefined && secret?.optional !== true && !around.has('Secret', namespace, name))
      return `no Secret ${name}`;
    if (configMap?.name !== undefined && !around.has('ConfigMap', namespace, configMap.name))
      return `no ConfigMap ${configMap.name}`;
  }
  const image = containers.map((container) => container.image ?? '').find((reference) => !around.hasImage(reference));
  return image === undefined ? undefined : `ErrImagePull ${image}`;
}

/** When the pods are ready or will be; undefined: something is missing. */
export function readyAt(object: AnyObject, stored: Stored, around: Surroundings): number | undefined {
  if (waitingFor(object, around) !== undefined) return undefined;
  return Math.max(stored.rolledAt, around.nodeReadyAt ?? 0) + stored.startMs;
}

export function workloadStatus({ generation }: Stored, ready: boolean): object {
  const count = ready ? 1 : 0;
  return {
    observedGeneration: generation,
    replicas: 1,
    currentRevision: ready ? `r${generation}` : 'former',
    updateRevision: `r${generation}`,
    updatedReplicas: 1,
    readyReplicas: count,
    availableReplicas: count,
    conditions: [{ type: 'Available', status: ready ? 'True' : 'False' }],
  };
}

/** `app=x`, `app!=x`, `app`, `app notin (x,y)`, and several of them with commas. */
export function selects(selector: string, labels: Readonly<Record<string, string>>): boolean {
  if (selector === '') return true;
  return selector.split(/,(?![^(]*\))/).every((term) => {
    const [, excluding, values] = /^([\w./-]+) notin \((.*)\)$/.exec(term) ?? [];
    if (excluding !== undefined) return !(values ?? '').split(',').includes(labels[excluding] ?? '');
    if (!term.includes('=')) return term in labels;
    const [, key = '', not = '', value = ''] = /^([\w./-]+)(!?)==?([\w./-]*)$/.exec(term) ?? [];
    return (labels[key] === value) === (not === '');
  });
}
