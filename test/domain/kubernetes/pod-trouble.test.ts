import { expect, test } from '@jest/globals';
import { OF_NATS, podTrouble, withImage } from '../../../src/domain/kubernetes/pod-trouble.js';
import { podWaiting } from '../../support/parts/pods.js';

const PULL = 'Back-off pulling image "nats:9": not found';

test.each<[reason: string, message: string, restarts: number, code: string | undefined, after: number | undefined]>([
  ['ImagePullBackOff', PULL, 0, 'IMAGE_PULL_FAILED', 45],
  ['ErrImagePull', PULL, 0, 'IMAGE_PULL_FAILED', 45],
  ['InvalidImageName', 'couldn’t parse image name', 0, 'IMAGE_PULL_FAILED', 0],
  ['ErrImageNeverPull', 'not present', 0, 'IMAGE_PULL_FAILED', 0],
  ['CreateContainerConfigError', 'secret "tls" not found', 0, 'POD_CRASHES', 45],
  ['RunContainerError', 'exec: "nats-server": not found', 0, 'POD_CRASHES', 45],
  ['CrashLoopBackOff', 'back-off 40s', 3, 'POD_CRASHES', 0],
  ['CrashLoopBackOff', 'back-off 10s', 2, undefined, undefined],
])(
  'a container that waits for %s (%s) after %i restarts has %s after %s s',
  (reason, message, restarts, code, after) => {
    const trouble = podTrouble([podWaiting({ reason, message, restarts })], OF_NATS);
    expect(trouble?.saw).toContain(`pod nats-broker-0: ${reason}`);
    expect([trouble?.permanent?.code, trouble?.permanent?.afterSeconds]).toEqual([code, after]);
  },
);

test('the image and what to do about it are in the remedy, the exit in the message', () => {
  const [pulls, ends] = [
    podWaiting({ reason: 'ImagePullBackOff', message: PULL }),
    podWaiting({ reason: 'CrashLoopBackOff', restarts: 5 }),
  ];
  expect(podTrouble([pulls], OF_NATS)?.permanent?.remedy).toContain('let the host reach its registry: nats:9');
  expect(podTrouble([ends], OF_NATS)).toMatchObject({
    saw: 'pod nats-broker-0: CrashLoopBackOff: container nats, 5 restarts, last OOMKilled, exit code 137',
    crashed: 'nats',
  });
});

test.each<[policy: string | undefined, needs: string | undefined]>([
  [undefined, 'nats:9'],
  ['IfNotPresent', 'nats:9'],
  ['Always', undefined],
])('a pull with the policy %s would be saved by an image on the node: %s', (imagePullPolicy, needs) => {
  const pod = podWaiting({ reason: 'ImagePullBackOff', imagePullPolicy });
  expect(podTrouble([pod], OF_NATS)).toMatchObject({ needs });
});

test('an image that has come meanwhile gets the time that the kubelet needs to see it', () => {
  const trouble = podTrouble([podWaiting({ reason: 'ImagePullBackOff', message: PULL })], OF_NATS);
  expect(trouble && withImage(trouble)).toMatchObject({
    saw: expect.stringMatching(/: not found; the image is there now, and the kubelet tries again$/),
    permanent: { code: 'IMAGE_PULL_FAILED', afterSeconds: 135 },
  });
});

test.each(['ContainerCreating', 'PodInitializing'])('a container that waits for %s has no trouble', (reason) => {
  expect(podTrouble([podWaiting({ reason })], OF_NATS)).toBeUndefined();
});

test('a pod that is being deleted says nothing about its successor', () => {
  const pod = podWaiting({ reason: 'ImagePullBackOff', deletionTimestamp: new Date(0) });
  expect(podTrouble([pod], OF_NATS)).toBeUndefined();
});

test.each<[message: string, code: string | undefined]>([
  ['0/1 nodes are available: 1 Insufficient memory.', 'POD_UNSCHEDULABLE'],
  ['0/1 nodes are available: 1 Too many pods.', 'POD_UNSCHEDULABLE'],
  ['0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: lab}.', 'POD_UNSCHEDULABLE'],
  ['0/1 nodes are available: 1 node(s) had untolerated taint(s) {dedicated: lab}.', 'POD_UNSCHEDULABLE'],
  ['0/1 nodes are available: 1 node(s) had volume node affinity conflict.', 'POD_UNSCHEDULABLE'],
  ['0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.', undefined],
  ['0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.', undefined],
  ['no nodes available to schedule pods', undefined],
])('of a pod that is not scheduled (%s) the cause is %s', (message, code) => {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  const pod = { metadata: { name: 'nats-broker-0', namespace: 'nats-system' }, status: { conditions: [condition] } };
  const trouble = podTrouble([pod], OF_NATS);
  expect(trouble?.saw).toBe(`pod nats-broker-0: Unschedulable: ${message}`);
  expect(trouble?.permanent?.code).toBe(code);
  expect(trouble?.permanent?.afterSeconds ?? 0).toBeLessThan(60);
});
