import type { KubernetesObject } from '@kubernetes/client-node';
import { beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../../../src/contract/errors.js';
import { hubScope } from '../../../../src/contract/topology/scope.js';
import { linkerd } from '../../../../src/parts/mesh/linkerd.js';
import { confirm } from '../../../../src/parts/run-checks.js';
import { failureOf } from '../../../support/errors.js';
import { FakeCluster } from '../../../support/fakes/kubernetes.js';
import { fakePorts, type FakePorts } from '../../../support/fakes/ports.js';
import { checkOf } from '../../../support/parts/parts.js';
import { CONTROL_PLANE } from '../../../support/cli/renders.js';
import { siteOf } from '../../../support/parts/site.js';
import { meshMode, twoClusters } from '../../../support/topologies.js';

const hub = hubScope(twoClusters(meshMode));

let cluster: FakeCluster;
let ports: FakePorts;
let probed: string[];
beforeEach(() => {
  cluster = new FakeCluster();
  ports = fakePorts({ kubernetes: cluster });
});

const noResponse = new ProvisionError('KUBE_API_FAILED', 'dry run: failed calling webhook: connection refused');

/** What the API server makes of the probes, in turn; the last answer stays. */
function answering(...answers: ('injected' | 'bare' | Error)[]): void {
  probed = [];
  cluster.onDryRun = (pod) => {
    probed.push(pod.metadata.name);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) return Promise.reject(answer);
    const initContainers = answer === 'injected' ? [{ name: 'linkerd-init' }, { name: 'linkerd-proxy' }] : [];
    return Promise.resolve({ ...pod, spec: { containers: [{ name: 'none' }], initContainers } } as KubernetesObject);
  };
}

const confirmed = async (): Promise<void> => {
  await cluster.apply(CONTROL_PLANE);
  await confirm(siteOf(ports, hub), linkerd.checks?.(hub) ?? []);
};

test('the injector counts after three injected pods in a row, each of a name of its own', async () => {
  answering('injected');
  await confirmed();
  expect(new Set(probed).size).toBe(3);
  expect(probed).toHaveLength(3);
});

test.each([
  ['a pod that passes unmeshed', 'bare' as const],
  ['a webhook that does not respond', noResponse],
])('after %s the count begins again', async (_what, interruption) => {
  answering('injected', 'injected', interruption, 'injected');
  await confirmed();
  expect(probed).toHaveLength(6);
});

test('what is wrong with the probe itself is not taken for a finding about the injector', async () => {
  answering(new ProvisionError('KUBE_OBJECT_REFUSED', 'dry run: the Kubernetes API responded 422'));
  const injects = checkOf(linkerd, hub, 'injector-injects@cluster-a');
  await expect(injects.probe(siteOf(ports, hub))).rejects.toThrow('422');
});

test('a control plane that is not there is named', async () => {
  answering('injected');
  const injector = CONTROL_PLANE.find(({ metadata }) => metadata.name === 'linkerd-proxy-injector');
  await cluster.apply(CONTROL_PLANE);
  await cluster.remove(injector as never);
  expect(await failureOf(confirm(siteOf(ports, hub), linkerd.checks?.(hub) ?? []))).toMatchObject({
    code: 'NOT_READY',
    message: 'linkerd-proxy-injector is not available: the Deployment is not there',
    where: { cluster: 'cluster-a' },
  });
});

test('an injector that never injects is named with what it did last', async () => {
  answering('injected', 'bare');
  await cluster.apply(CONTROL_PLANE);
  expect(await failureOf(confirm(siteOf(ports, hub), linkerd.checks?.(hub) ?? []))).toMatchObject({
    code: 'NOT_READY',
    message: 'dry run 1 of 3 made a pod without the proxy',
  });
});
