import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import {
  creationTrouble,
  isNew,
  isOld,
  podBeingMade,
  refusalsPath,
  refusalTrouble,
  warningsPath,
} from '../../../src/domain/kubernetes/pod-events.js';
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

const BROKER = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'nats-broker', namespace: 'nats-system' },
};
const PUBLISHER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'publisher', namespace: 'nats-system' },
};
const QUOTA = 'pods "nats-broker-0" is forbidden: exceeded quota: theirs';
const refusalOf = (kind: string, name: string, message: string, lastTimestamp = STARTED): CoreV1Event =>
  ({ involvedObject: { kind, name }, message, lastTimestamp }) as unknown as CoreV1Event;

test.each([
  ['a StatefulSet', BROKER, 'StatefulSet', 'nats-broker'],
  ['a Deployment, by its ReplicaSet', PUBLISHER, 'ReplicaSet', 'publisher-7bbd6dd94c'],
])('what keeps %s from having pods is said, and permanent within a minute', (_what, workload, kind, name) => {
  const events = [refusalOf(kind, name, QUOTA, '2026-01-01T00:00:09Z'), refusalOf(kind, name, 'of earlier')];
  expect(refusalTrouble(workload, events)).toEqual({
    pod: workload.metadata.name,
    saw: `no pod of ${workload.metadata.name}: ${QUOTA}`,
    permanent: { code: 'KUBE_API_REFUSED', remedy: expect.stringContaining('allow it'), afterSeconds: 40 },
  });
});

test('an injector that is late may pass', () => {
  const late = refusalOf('StatefulSet', 'nats-broker', 'Internal error occurred: failed calling webhook "injector"');
  expect(refusalTrouble(BROKER, [late])).toMatchObject({ saw: expect.stringContaining('injector') as unknown });
  expect(refusalTrouble(BROKER, [late])?.permanent).toBeUndefined();
});

test('what befalls others is no trouble', () => {
  expect(refusalTrouble(BROKER, [refusalOf('StatefulSet', 'theirs', QUOTA)])).toBeUndefined();
});

test.each<[what: string, made: Date | undefined, nowMs: number, old: boolean]>([
  ['has just come', new Date(STARTED), LATER_MS - 1, false],
  ['is there for ten seconds', new Date(STARTED), LATER_MS, true],
  ['is not there', undefined, LATER_MS, false],
])('a workload that %s: asked why it has no pod: %s', (_what, made, nowMs, old) => {
  expect(isOld(made, nowMs)).toBe(old);
});

test('the refusals of a namespace are asked for at once', () => {
  expect(refusalsPath('nats-system')).toBe(
    '/api/v1/namespaces/nats-system/events?fieldSelector=reason%3DFailedCreate%2Ctype%3DWarning',
  );
});

test.each<[what: string, created: Date | undefined, result: boolean]>([
  ['made a moment ago', new Date(LATER_MS - 3_000), true],
  ['made a moment ago, by a clock that is ahead', new Date(LATER_MS + 3_000), true],
  ['made before that', new Date(LATER_MS - 4_000), false],
  ['made by a clock that is an hour ahead', new Date(LATER_MS + 3_600_000), false],
  ['that is not there', undefined, false],
])('whether a workload %s is new', (_what, created, result) => {
  expect(isNew(created, LATER_MS)).toBe(result);
});
