import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { creationTrouble, podBeingMade, warningsPath } from '../../../src/domain/kubernetes/pod-events.js';
import { podWaiting } from '../../support/parts/pods.js';

const STARTED = '2026-01-01T00:00:00Z';
const LATER_MS = Date.parse(STARTED) + 10_000;

const podOf = (reason: string, deletionTimestamp?: Date): V1Pod =>
  podWaiting({
    reason,
    uid: 'u1',
    startTime: new Date(STARTED),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  });
const event = (reason: string, uid = 'u1'): CoreV1Event =>
  ({ reason, message: `${reason}: cbr0 is not a directory`, involvedObject: { uid } }) as unknown as CoreV1Event;

test.each(['ContainerCreating', 'PodInitializing'])(
  'a pod whose containers all wait for %s is being made',
  (reason) => {
    const pod = podOf(reason);
    expect(podBeingMade([pod], LATER_MS)).toBe(pod);
  },
);

test.each<[what: string, pod: V1Pod, nowMs: number]>([
  ['has just come', podOf('ContainerCreating'), LATER_MS - 1],
  ['is being deleted', podOf('ContainerCreating', new Date(0)), LATER_MS],
  ['has a container that was begun', podOf('CrashLoopBackOff'), LATER_MS],
  ['no kubelet has seen', { metadata: { name: 'nats-broker-0' } }, LATER_MS],
])('a pod that %s is left alone', (_what, pod, nowMs) => {
  expect(podBeingMade([pod], nowMs)).toBeUndefined();
});

test.each(['FailedCreatePodSandBox', 'FailedMount', 'FailedAttachVolume'])(
  '%s is said, and permanent within a minute',
  (reason) => {
    expect(creationTrouble(podOf('ContainerCreating'), [event('Unhealthy'), event(reason)])).toEqual({
      pod: 'nats-broker-0',
      saw: `pod nats-broker-0: ${reason}: ${reason}: cbr0 is not a directory`,
      permanent: { code: 'POD_CRASHES', remedy: 'kubectl -n nats-system describe pod nats-broker-0', afterSeconds: 40 },
    });
  },
);

test.each<[what: string, events: CoreV1Event[]]>([
  ['nothing', []],
  ['what may pass', [event('NetworkNotReady')]],
  ['what befell the pod of that name before', [event('FailedCreatePodSandBox', 'u0')]],
])('of %s there is no trouble', (_what, events) => {
  expect(creationTrouble(podOf('ContainerCreating'), events)).toBeUndefined();
});

test("the events are those of the pod's name", () => {
  expect(warningsPath(podOf('ContainerCreating'))).toBe(
    '/api/v1/namespaces/nats-system/events?fieldSelector=involvedObject.name%3Dnats-broker-0%2Ctype%3DWarning',
  );
});
