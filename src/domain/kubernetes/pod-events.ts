import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { Trouble } from './pod-trouble.js';

/** What the kubelet says of a pod whose containers it cannot begin to make. Of it the pod's own status says nothing. */
const FAILURES = new Set(['FailedCreatePodSandBox', 'FailedMount', 'FailedAttachVolume']);
const BEING_MADE = new Set(['ContainerCreating', 'PodInitializing']);
/** A pod that is younger is merely being made. */
const YOUNG_MS = 10_000;
/** With the time above within a minute; another pod may have to end first. */
const CREATE_SECONDS = 40;
const MAX_SAID = 300;

/** The first pod that none of its containers has come to run in. */
export const podBeingMade = (pods: readonly V1Pod[], nowMs: number): V1Pod | undefined =>
  pods.find(({ metadata, status }) => {
    const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    return (
      metadata?.deletionTimestamp === undefined &&
      nowMs - Date.parse(String(status?.startTime)) >= YOUNG_MS &&
      states.length > 0 &&
      states.every(({ state }) => BEING_MADE.has(state?.waiting?.reason ?? ''))
    );
  });

export const warningsPath = ({ metadata: { name = '', namespace = 'default' } = {} }: V1Pod): string =>
  `/api/v1/namespaces/${namespace}/events?fieldSelector=${encodeURIComponent(`involvedObject.name=${name},type=Warning`)}`;

export function creationTrouble({ metadata = {} }: V1Pod, events: readonly CoreV1Event[]): Trouble | undefined {
  const { name = '?', namespace = 'default', uid } = metadata;
  const failure = events
    .filter(({ reason = '', involvedObject }) => FAILURES.has(reason) && involvedObject.uid === uid)
    .at(-1);
  if (failure === undefined) return undefined;
  const saw = `pod ${name}: ${failure.reason ?? ''}: ${failure.message ?? ''}`.slice(0, MAX_SAID);
  const remedy = `kubectl -n ${namespace} describe pod ${name}`;
  return { pod: name, saw, permanent: { code: 'POD_CRASHES', remedy, afterSeconds: CREATE_SECONDS } };
}
