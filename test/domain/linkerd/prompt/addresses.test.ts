import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { withPromptAddresses } from '../../../../src/domain/linkerd/prompt/addresses.js';

const service = (spec: object): KubernetesObject => ({ kind: 'Service', metadata: { name: 'a' }, spec }) as never;
const headless = { clusterIP: 'None', ports: [{ port: 8086 }] };

test('the name of a headless Service has an address before a pod is ready', () => {
  expect(withPromptAddresses(service(headless))).toEqual(service({ ...headless, publishNotReadyAddresses: true }));
});

test.each<[what: string, object: KubernetesObject]>([
  ['a Service with an address of its own', service({ ports: [{ port: 443 }] })],
  ['another kind', { kind: 'ConfigMap', metadata: { name: 'a' } }],
])('leaves %s as it is', (_what, object) => {
  expect(withPromptAddresses(object)).toEqual(object);
});
