import { expect, test } from '@jest/globals';
import type { MeshPod, MeshVersions } from '../../../src/domain/checks/world.js';
import type { LinkerdFindings } from '../../../src/domain/linkerd/check-output.js';
import { Checks } from '../../support/checks.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const checks = new Checks(twoClusters(meshMode));

const HEALTHY: LinkerdFindings = { errors: [], warnings: [] };
const NO_PODS = 'control plane pods are ready: No running pods for "linkerd-destination"';

test.each<[behaviour: string, seen: LinkerdFindings, verdict: string]>([
  ['passes without findings', HEALTHY, 'pass'],
  [
    'passes with a warning, and tells it',
    { ...HEALTHY, warnings: ['issuer: expires soon'] },
    'pass: issuer: expires soon',
  ],
  ['fails with the first error', { ...HEALTHY, errors: [NO_PODS] }, `fail: ${NO_PODS} | nothing else`],
  [
    'fails with all errors and no warning',
    { errors: [NO_PODS, 'a: b', 'c: d'], warnings: ['e: f'] },
    `fail: ${NO_PODS} | a: b; c: d`,
  ],
])("Linkerd's own check %s", (_behaviour, seen, verdict) => {
  expect(checks.judge('linkerd-healthy@cluster-a', seen)).toBe(verdict);
  expect(checks.judge('link-healthy@cluster-b', seen)).toBe(verdict);
});

const FITTING: MeshVersions = {
  cli: 'edge-26.8.3',
  controlPlane: 'edge-26.8.3',
  dataPlane: ['edge-26.8.3'],
  kubernetes: 'v1.36.3+k3s1',
  gatewayApi: 'v1.5.1',
};
const CLI_IS = 'the linkerd command is';
const PLANE_IS = 'the control plane is';
const TESTED = 'Linkerd is tested with 1.31 to 1.36';

test.each<[behaviour: string, seen: Partial<MeshVersions>, verdict: string]>([
  ['fit', {}, 'pass: edge-26.8.3, Kubernetes v1.36.3+k3s1, Gateway API v1.5.1'],
  ['fit without a proxy', { dataPlane: [] }, 'pass: edge-26.8.3, Kubernetes v1.36.3+k3s1, Gateway API v1.5.1'],
  [
    'fit with the oldest Kubernetes and Gateway API',
    { kubernetes: 'v1.31.0', gatewayApi: 'v1.2.1' },
    'pass: edge-26.8.3, Kubernetes v1.31.0, Gateway API v1.2.1',
  ],
  ['do not with another CLI', { cli: 'edge-26.7.1' }, `${CLI_IS} edge-26.7.1, edge-26.8.3 is wanted`],
  ['do not without a CLI', { cli: '' }, `${CLI_IS} not there, edge-26.8.3 is wanted`],
  [
    'do not with another control plane, and its proxies',
    { controlPlane: 'edge-26.7.1', dataPlane: ['edge-26.7.1'] },
    `${PLANE_IS} edge-26.7.1, edge-26.8.3 is wanted`,
  ],
  ['do not without a control plane', { controlPlane: '' }, `${PLANE_IS} not there, edge-26.8.3 is wanted`],
  [
    'do not with proxies from before an upgrade',
    { dataPlane: ['edge-26.7.1', 'edge-26.8.3', 'edge-26.6.2'] },
    'proxies are edge-26.7.1, edge-26.6.2: restart their pods',
  ],
  ['do not with an old Kubernetes', { kubernetes: 'v1.30.14+k3s2' }, `Kubernetes is v1.30.14+k3s2, ${TESTED}`],
  ['do not with a new Kubernetes', { kubernetes: 'v1.37.0+k3s1' }, `Kubernetes is v1.37.0+k3s1, ${TESTED}`],
  ['do not with an unknown Kubernetes', { kubernetes: '' }, `Kubernetes is unknown, ${TESTED}`],
  ['do not with a new Gateway API', { gatewayApi: 'v1.6.0' }, 'the Gateway API is v1.6.0'],
  ['do not without a Gateway API', { gatewayApi: undefined }, 'the Gateway API is not there'],
  [
    'do not, and every fault is told',
    { cli: 'edge-26.7.1', gatewayApi: 'v1.2.0' },
    `${CLI_IS} edge-26.7.1, edge-26.8.3 is wanted; the Gateway API is v1.2.0`,
  ],
])('the releases %s', (_behaviour, seen, text) => {
  const verdict = checks.judge('linkerd-versions-fit@cluster-a', { ...FITTING, ...seen });
  expect(verdict.replace('fail: they do not | ', '')).toBe(text);
});

const pod = (name: string, changes: Partial<MeshPod> = {}): MeshPod => ({
  name,
  meshed: true,
  ready: true,
  trustRoot: 'a'.repeat(64),
  ...changes,
});
const bare = { meshed: false };
const waiting = { ready: false };

test.each<[behaviour: string, pods: MeshPod[], verdict: string]>([
  ['passes with the number of pods', [pod('nats-broker-0'), pod('publisher-1')], 'pass: 2 pods'],
  ['fails without a pod', [], 'fail: there is no NATS pod'],
  [
    'fails with the names of the bare pods',
    [pod('nats-broker-0', bare), pod('publisher-1'), pod('publisher-2', bare)],
    'fail: a pod runs without the proxy | nats-broker-0, publisher-2',
  ],
  [
    'fails with the names of the pods that are not Ready',
    [pod('nats-broker-0'), pod('publisher-1', waiting)],
    'fail: a pod is not Ready | publisher-1',
  ],
  [
    'tells of the proxy first, without which no readiness counts',
    [pod('nats-broker-0', { ...bare, ...waiting }), pod('publisher-1', waiting)],
    'fail: a pod runs without the proxy | nats-broker-0',
  ],
])('pods-meshed %s', (_behaviour, pods, verdict) => {
  expect(checks.judge('pods-meshed@cluster-a', pods)).toBe(verdict);
});
