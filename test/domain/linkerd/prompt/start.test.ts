import { expect, test } from '@jest/globals';
import { withPromptStart } from '../../../../src/domain/linkerd/prompt/start.js';

const startupProbe = { httpGet: { path: '/ready', port: 4191 } };
const containers = [{ name: 'a', startupProbe }];
const deployment = (annotations: object | undefined, initContainers?: object[]) =>
  ({
    kind: 'Deployment',
    spec: { replicas: 1, template: { metadata: { annotations }, spec: { containers, initContainers } } },
  }) as never;

test('no container of the control plane waits for its proxy', () => {
  const proxy = { name: 'linkerd-proxy', restartPolicy: 'Always', readinessProbe: startupProbe };
  expect(withPromptStart(deployment({}, [{ name: 'linkerd-init' }, { ...proxy, startupProbe }]))).toEqual(
    deployment({}, [{ name: 'linkerd-init' }, proxy]),
  );
});

test('no container of an injected pod waits for the proxy that it gets', () => {
  expect(withPromptStart(deployment({ 'linkerd.io/inject': 'enabled', a: 'b' }))).toEqual(
    deployment({ 'linkerd.io/inject': 'enabled', a: 'b', 'config.linkerd.io/proxy-await': 'disabled' }),
  );
});

test.each<[what: string, object: never]>([
  ['another init container', deployment({}, [{ name: 'a', startupProbe }])],
  ['a pod without a proxy', deployment({ 'linkerd.io/inject': 'disabled' })],
  ['another kind', { kind: 'ConfigMap', data: { a: 'b' } } as never],
  ['a Deployment without a pod', { kind: 'Deployment', metadata: { name: 'x' } } as never],
])('leaves %s as it is', (_what, object) => {
  expect(withPromptStart(object)).toEqual(object);
});
