import { expect, test } from '@jest/globals';
import { versionProblems, type MeshVersions } from '../../../src/domain/linkerd/versions.js';

const FITTING: MeshVersions = {
  cli: 'edge-26.8.3',
  controlPlane: 'edge-26.8.3',
  dataPlane: ['edge-26.8.3'],
  kubernetes: 'v1.36.3+k3s1',
  gatewayApi: 'v1.5.1',
};
const ASKS = 'the topology asks for edge-26.8.3';
const TESTED = 'Linkerd is tested with 1.31 to 1.36';

test.each<[seen: string, changes: Partial<MeshVersions>, problems: string[]]>([
  ['what is wanted', {}, []],
  ['no proxy', { dataPlane: [] }, []],
  ['the oldest Kubernetes and Gateway API', { kubernetes: 'v1.31.0', gatewayApi: 'v1.2.1' }, []],
  ['another command', { cli: 'edge-26.7.1' }, [`the linkerd command is edge-26.7.1; ${ASKS}`]],
  ['no command', { cli: '' }, [`the linkerd command is not there; ${ASKS}`]],
  [
    'another control plane with its proxies',
    { controlPlane: 'edge-26.7.1', dataPlane: ['edge-26.7.1'] },
    [`the control plane is edge-26.7.1; ${ASKS}`],
  ],
  ['no control plane', { controlPlane: '' }, [`the control plane is not there; ${ASKS}`]],
  [
    'proxies from before an upgrade',
    { dataPlane: ['edge-26.7.1', 'edge-26.8.3', 'edge-26.6.2'] },
    ['proxies are edge-26.7.1, edge-26.6.2: restart their pods'],
  ],
  ['an old Kubernetes', { kubernetes: 'v1.30.14+k3s2' }, [`Kubernetes is v1.30.14+k3s2; ${TESTED}`]],
  ['a new Kubernetes', { kubernetes: 'v1.37.0+k3s1' }, [`Kubernetes is v1.37.0+k3s1; ${TESTED}`]],
  ['an unknown Kubernetes', { kubernetes: '' }, [`Kubernetes is unknown; ${TESTED}`]],
  ['a new Gateway API', { gatewayApi: 'v1.6.0' }, ['the Gateway API is v1.6.0']],
  ['no Gateway API', { gatewayApi: undefined }, ['the Gateway API is not there']],
  [
    'several problems',
    { cli: 'edge-26.7.1', gatewayApi: 'v1.2.0' },
    [`the linkerd command is edge-26.7.1; ${ASKS}`, 'the Gateway API is v1.2.0'],
  ],
])('of %s every problem is told', (_seen, changes, problems) => {
  expect(versionProblems({ ...FITTING, ...changes }, 'edge-26.8.3')).toEqual(problems);
});
