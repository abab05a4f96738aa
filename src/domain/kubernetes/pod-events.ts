import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import type { ObjectRef } from './objects.js';
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
  const failure = latest(
    events.filter(({ reason = '', involvedObject }) => FAILURES.has(reason) && involvedObject.uid === uid),
  );
  if (failure === undefined) return undefined;
  const saw = `pod ${name}: ${failure.reason ?? ''}: ${failure.message ?? ''}`.slice(0, MAX_SAID);
  const remedy = `kubectl -n ${namespace} describe pod ${name}`;
  return { pod: name, saw, permanent: { code: 'POD_CRASHES', remedy, afterSeconds: CREATE_SECONDS } };
}

const latest = (events: readonly CoreV1Event[]): CoreV1Event | undefined =>
  [...events].sort((one, other) => timeOf(one) - timeOf(other)).at(-1);

const timeOf = ({ lastTimestamp, eventTime }: CoreV1Event): number =>
  Date.parse(String(lastTimestamp ?? eventTime)) || 0;

/** Of controllers that may not make a pod. */
export const refusalsPath = (namespace: string): string =>
  `/api/v1/namespaces/${namespace}/events?fieldSelector=${encodeURIComponent('reason=FailedCreate,type=Warning')}`;

/** An injector that starts, or an account that the cluster has not made yet. */
const NOT_YET = /failed calling webhook|serviceaccount "[^"]*" not found|looking up service account/;

/** Why a workload has no pod at all: a quota, Pod Security, an admission rule. Nothing but its controller's events says it. */
export function refusalTrouble({ kind, metadata }: ObjectRef, events: readonly CoreV1Event[]): Trouble | undefined {
  const { name, namespace = 'default' } = metadata;
  const refusal = latest(
    events.filter(
      ({ involvedObject: of }) =>
        (of.kind === kind && of.name === name) ||
        (of.kind === 'ReplicaSet' && of.name?.startsWith(`${name}-`) === true),
    ),
  );
  if (refusal === undefined) return undefined;
  const saw = `no pod of ${name}: ${refusal.message ?? ''}`.slice(0, MAX_SAID);
  if (NOT_YET.test(saw)) return { pod: name, saw };
  const remedy = `allow it in the cluster; what it refuses: kubectl -n ${namespace} get events --field-selector reason=FailedCreate`;
  return { pod: name, saw, permanent: { code: 'KUBE_API_REFUSED', remedy, afterSeconds: CREATE_SECONDS } };
}

const NEW_MS = 4_000;

/** Of a workload that was made just now the pods have nothing to tell yet. The host's clock may be ahead. */
export const isNew = (creationTimestamp: Date | undefined, nowMs: number): boolean =>
  Math.abs(nowMs - Date.parse(String(creationTimestamp))) < NEW_MS;

/** One that is younger may have its first pod any moment. */
export const isOld = (creationTimestamp: Date | undefined, nowMs: number): boolean =>
  nowMs - Date.parse(String(creationTimestamp)) >= YOUNG_MS;
