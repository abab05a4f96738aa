import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { gatewayApiObjects, gatewayApiStep, type GatewayApiStep } from '../../../src/domain/linkerd/gateway-api.js';

const SOURCE = 'a'.repeat(64);
const VERSION = 'gateway.networking.k8s.io/bundle-version';
const crd = (annotations: Record<string, string>, owner?: string): V1CustomResourceDefinition =>
  ({
    metadata: { annotations, labels: owner === undefined ? {} : { 'app.kubernetes.io/managed-by': owner } },
  }) as unknown as V1CustomResourceDefinition;

test.each<[seen: string, crd: V1CustomResourceDefinition | undefined, kind: GatewayApiStep['kind']]>([
  ['that is not there', undefined, 'apply'],
  ['of ours, of this source', crd({ 'leafspan.io/source-sha256': SOURCE }, 'leafspan'), 'keep'],
  ['of ours, of another source', crd({ 'leafspan.io/source-sha256': 'b'.repeat(64) }, 'leafspan'), 'apply'],
  ['of ours, of another source and too new', crd({ [VERSION]: 'v1.6.0' }, 'leafspan'), 'apply'],
  ['of somebody else, of this source', crd({ 'leafspan.io/source-sha256': SOURCE }, 'Helm'), 'refuse'],
  ['of K3s, older than the oldest', crd({ [VERSION]: 'v1.2.0' }, 'Helm'), 'refuse'],
  ['of K3s, the oldest', crd({ [VERSION]: 'v1.2.1' }), 'keep'],
  ['of K3s, between', crd({ [VERSION]: 'v1.4.10' }), 'keep'],
  ['of K3s, the newest', crd({ [VERSION]: 'v1.5.1' }), 'keep'],
  ['of K3s, newer than the newest', crd({ [VERSION]: 'v1.5.2' }), 'refuse'],
  ['of K3s, newer by a minor version', crd({ [VERSION]: 'v1.10.0' }), 'refuse'],
  ['of K3s, older by a major version', crd({ [VERSION]: 'v0.8.1' }), 'refuse'],
  ['of K3s, newer by a major version', crd({ [VERSION]: 'v2.0.0' }), 'refuse'],
  ['of an unknown version', crd({}), 'refuse'],
  ['of a version that is none', crd({ [VERSION]: 'main' }), 'refuse'],
])('sees a Gateway API %s', (_seen, found, kind) => {
  expect(gatewayApiStep(found, SOURCE).kind).toBe(kind);
});

test.each([
  ['v1.1.0', { [VERSION]: 'v1.1.0' }],
  ['of an unknown version', {}],
])('says that the Gateway API is %s and which versions fit', (version, annotations) => {
  expect(gatewayApiStep(crd(annotations), SOURCE)).toEqual({
    kind: 'refuse',
    because: `the cluster has the Gateway API ${version}; Linkerd needs 1.2.1 to 1.5.1`,
    hint: expect.any(String) as unknown as string,
  });
});

const YAML = `# Copyright
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: httproutes.gateway.networking.k8s.io, annotations: {${VERSION}: v1.5.1}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gateways.gateway.networking.k8s.io, labels: {own: "yes"}}
---
`;

test('marks every object of the file, leaves out empty documents and puts the mark of completeness last', () => {
  const ours = {
    labels: { 'app.kubernetes.io/managed-by': 'leafspan' },
    annotations: { 'leafspan.io/source-sha256': SOURCE },
  };
  expect(gatewayApiObjects(YAML, SOURCE).map(({ metadata }) => metadata)).toEqual([
    { name: 'gateways.gateway.networking.k8s.io', ...ours, labels: { own: 'yes', ...ours.labels } },
    {
      name: 'httproutes.gateway.networking.k8s.io',
      ...ours,
      annotations: { [VERSION]: 'v1.5.1', ...ours.annotations },
    },
  ]);
});

test('keeps what it has applied', () => {
  expect(gatewayApiStep(gatewayApiObjects(YAML, SOURCE).at(-1) as V1CustomResourceDefinition, SOURCE)).toEqual({
    kind: 'keep',
  });
});

const cluster = (kind: string, name: string): string =>
  `---\napiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;

test.each<[what: string, yaml: string, message: RegExp]>([
  ['another kind', cluster('ClusterRoleBinding', 'a.gateway.networking.k8s.io'), /^ClusterRoleBinding a\.gateway/],
  [
    'a definition of another API',
    cluster('CustomResourceDefinition', 'links.linkerd.io'),
    /^CustomResourceDefinition l/,
  ],
  ['a policy for everything', cluster('ValidatingAdmissionPolicy', 'deny'), /^ValidatingAdmissionPolicy deny /],
  ['no object', '--- text\n', /cannot be read/],
  ['too many aliases', `a: &a [x]\nb: [${'*a,'.repeat(200)}]\nc: &c [*a]\n`, /cannot be read/],
])('refuses a file with %s', (_what, yaml, message) => {
  const refused = (): unknown => gatewayApiObjects(YAML + yaml, SOURCE);
  expect(refused).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID', message: expect.stringMatching(message) as unknown }),
  );
});
