import type { V1Secret } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { linkCredentials, linkObject, linkRefs, type LinkSpec } from '../../../src/domain/multicluster/link.js';
import { hubValues, leafValues } from '../../../src/domain/multicluster/values.js';
import type { Gateway } from '../../../src/contract/topology/topology.js';
import { GATEWAY, LOAD_BALANCER } from '../../support/topologies.js';

const link: LinkSpec = { broker: 'cluster-a', address: '192.0.2.10', gateway: GATEWAY, version: 'edge-26.8.3' };
const secret = { token: btoa('the-token'), ca: btoa('the-ca'), account: 'link-cluster-b' };
const credentials = linkCredentials(link, secret);

test('the Link names the probe port as a text, as the CRD wants it, and the address of the gateway', () => {
  expect(linkObject(link)).toMatchObject({
    apiVersion: 'multicluster.linkerd.io/v1alpha3',
    kind: 'Link',
    metadata: { name: 'cluster-a', namespace: 'linkerd-multicluster' },
    spec: {
      targetClusterName: 'cluster-a',
      gatewayAddress: '192.0.2.10',
      gatewayPort: '30143',
      gatewayIdentity: 'linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.cluster.local',
      clusterCredentialsSecret: 'cluster-credentials-cluster-a',
      probeSpec: { path: '/ready', port: '30191', period: '3s', failureThreshold: '3' },
      selector: { matchLabels: { 'mirror.linkerd.io/exported': 'true' } },
    },
  });
});

test('the Link says which release made it, which Linkerd compares with its own', () => {
  expect(linkObject(link).metadata).toMatchObject({
    annotations: { 'linkerd.io/created-by': 'linkerd/cli edge-26.8.3' },
  });
});

const kubeconfigOf = ({ data }: V1Secret): unknown => JSON.parse(atob(data?.['kubeconfig'] ?? ''));

test('both credentials are one kubeconfig of the leaf cluster’s own account, with everything inline', () => {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'cluster-a',
        cluster: { server: 'https://192.0.2.10:6443', 'certificate-authority-data': btoa('the-ca') },
      },
    ],
    users: [{ name: 'link-cluster-b', user: { token: 'the-token' } }],
    contexts: [{ name: 'cluster-a', context: { cluster: 'cluster-a', user: 'link-cluster-b' } }],
    'current-context': 'cluster-a',
  };
  expect(credentials.map(kubeconfigOf)).toEqual([kubeconfig, kubeconfig]);
});

test('the credentials lie beside the mirror controller and, marked with the cluster, beside the control plane', () => {
  const common = { name: 'cluster-credentials-cluster-a' };
  const ours = { 'app.kubernetes.io/managed-by': 'leafspan' };
  expect(credentials.map(({ type }) => type)).toEqual(Array(2).fill('mirror.linkerd.io/remote-kubeconfig'));
  expect(credentials.map(({ metadata }) => metadata)).toEqual([
    { ...common, namespace: 'linkerd-multicluster', labels: ours },
    {
      ...common,
      namespace: 'linkerd',
      labels: { ...ours, 'multicluster.linkerd.io/cluster-name': 'cluster-a' },
      annotations: {
        'multicluster.linkerd.io/trust-domain': 'cluster.local',
        'multicluster.linkerd.io/cluster-domain': 'cluster.local',
      },
    },
  ]);
});

test('every object of a link can be found again by the name of the broker alone, the Link first', () => {
  const made = [linkObject(link), ...credentials].map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
  }));
  expect(linkRefs('cluster-a')).toEqual(made);
});

test.each<[exposure: string, gateway: Gateway, values: object]>([
  ['a load balancer', LOAD_BALANCER, { serviceType: 'LoadBalancer', port: 4143, probe: { port: 4191 } }],
  ['node ports', GATEWAY, { serviceType: 'NodePort', nodePort: 30_143, probe: { nodePort: 30_191 } }],
])('opens the gateway on %s, without the account that the chart would make', (_exposure, gateway, values) => {
  expect(hubValues(gateway)).toEqual({ gateway: values, remoteMirrorServiceAccount: false });
});

test.each([LOAD_BALANCER, GATEWAY])(
  'the controller of a leaf cluster probes the very port that the Link names (%#)',
  (gateway) => {
    expect(leafValues('cluster-a', gateway)).toMatchObject({
      gateway: { enabled: false },
      controllers: [{ link: { ref: { name: 'cluster-a' } }, gateway: { probe: { port: gateway.probePort } } }],
    });
    expect(linkObject({ ...link, gateway })).toMatchObject({
      spec: { probeSpec: { port: String(gateway.probePort) } },
    });
  },
);
