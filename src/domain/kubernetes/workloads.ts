import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';

/** undefined: the newest revision is up and ready. Otherwise what is still missing. */
export function statefulSetState(seen: V1StatefulSet | undefined): string | undefined {
  const status = seen?.status;
  const wanted = seen?.spec?.replicas ?? 1;
  if (seen === undefined || status === undefined) return 'the StatefulSet is not there';
  if (wanted === 0) return 'the StatefulSet is scaled to zero';
  if ((status.observedGeneration ?? 0) < (seen.metadata?.generation ?? 0)) return 'the StatefulSet is not observed yet';
  if (status.currentRevision !== status.updateRevision) return 'the new revision is rolling out';
  const ready = status.readyReplicas ?? 0;
  return ready < wanted ? `${ready} of ${wanted} pods of ${seen.metadata?.name ?? '?'} are ready` : undefined;
}

export function deploymentState(
  seen: Pick<V1Deployment, 'metadata' | 'spec' | 'status'> | undefined,
): string | undefined {
  const status = seen?.status;
  const wanted = seen?.spec?.replicas ?? 1;
  if (seen === undefined || status === undefined) return 'the Deployment is not there';
  if (wanted === 0) return 'the Deployment is scaled to zero';
  if ((status.observedGeneration ?? 0) < (seen.metadata?.generation ?? 0)) return 'the Deployment is not observed yet';
  if ((status.updatedReplicas ?? 0) < wanted) return 'the new revision is rolling out';
  const ready = status.availableReplicas ?? 0;
  return ready < wanted ? `${ready} of ${wanted} pods of ${seen.metadata?.name ?? '?'} are available` : undefined;
}
