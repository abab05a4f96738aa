import type { KubernetesObject } from '@kubernetes/client-node';
import { beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../src/contract/errors.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { CONTROL_PLANE } from '../support/renders.js';
import { twoClusters } from '../support/topologies.js';

const host = serverOf(twoClusters().broker);
const noAnswer = new ProvisionError('KUBE_API_FAILED', 'dry run: failed calling webhook: connection refused');

let ports: FakePorts;
let probed: string[];
beforeEach(async () => {
  ports = fakePorts();
  probed = [];
  await ports.kubernetes.apply(CONTROL_PLANE);
});

/** What the API server makes of the probes, in turn; the last answer stays. */
function answering(...answers: ('injected' | 'bare' | Error)[]): void {
  ports.kubernetes.onDryRun = (pod) => {
    probed.push(pod.metadata.name);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) return Promise.reject(answer);
    const initContainers = answer === 'injected' ? [{ name: 'linkerd-init' }, { name: 'linkerd-proxy' }] : [];
    return Promise.resolve({ ...pod, spec: { containers: [{ name: 'none' }], initContainers } } as KubernetesObject);
  };
}

test('awaitLinkerd believes the injector after three injected pods in a row, each of a name of its own', async () => {
  answering('injected');
  expect(await attempt(ports, 'awaitLinkerd', { host })).toEqual({ changed: [] });
  expect(new Set(probed).size).toBe(3);
  expect(probed).toHaveLength(3);
});

test.each([
  ['a pod that passes unmeshed', 'bare' as const],
  ['a webhook that does not answer', noAnswer],
])('awaitLinkerd begins to count anew after %s', async (_what, interruption) => {
  answering('injected', 'injected', interruption, 'injected');
  const waiting = new Attempt(ports);
  await waiting.run('awaitLinkerd', { host });
  expect(probed).toHaveLength(6);
  expect(waiting.heartbeats).toEqual(
    [1, 2, 0, 1, 2].map((injected) => `the injector answered ${injected} of 3 dry runs`),
  );
});

test('awaitLinkerd does not take what is wrong with the probe itself for an answer of the injector', async () => {
  answering(new ProvisionError('KUBE_OBJECT_REFUSED', 'dry run: the Kubernetes API responded 422'));
  expect(await failureOf(attempt(ports, 'awaitLinkerd', { host }))).toMatchObject({ type: 'KUBE_OBJECT_REFUSED' });
  expect(probed).toHaveLength(1);
});

test('awaitLinkerd asks no injector before the control plane is up', async () => {
  answering('injected');
  ports.kubernetes.slow = 4;
  const waiting = new Attempt(ports);
  await waiting.run('awaitLinkerd', { host });
  expect(waiting.heartbeats.slice(0, 3)).toEqual([
    'linkerd-identity: 0 of 1 pods of linkerd-identity are available',
    'linkerd-identity: 0 of 1 pods of linkerd-identity are available',
    'the injector answered 1 of 3 dry runs',
  ]);
});

test('awaitLinkerd names the part of the control plane that is not there', async () => {
  answering('injected');
  const injector = CONTROL_PLANE.find(({ metadata }) => metadata.name === 'linkerd-proxy-injector');
  await ports.kubernetes.remove(injector as never);
  const failure = await failureOf(attempt(ports, 'awaitLinkerd', { host }));
  expect(failure).toMatchObject({ type: 'NOT_READY', nonRetryable: false });
  expect(failure.message).toMatch(/^vm-a: .*last: linkerd-proxy-injector: the Deployment is not there$/);
  expect(probed).toEqual([]);
});

test('awaitLinkerd says what the injector did last when its time is up', async () => {
  answering('injected', 'bare');
  expect((await failureOf(attempt(ports, 'awaitLinkerd', { host }))).message).toMatch(
    /last: the injector answered 0 of 3 dry runs$/,
  );
});
