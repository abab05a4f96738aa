import { expect, test } from '@jest/globals';
import { withPromptReadiness } from '../../../../src/domain/linkerd/prompt/readiness.js';

const probe = { httpGet: { path: '/ready', port: 9990 } };
const deployment = (containers: object[], initContainers?: object[]) =>
  ({
    kind: 'Deployment',
    spec: { replicas: 1, template: { metadata: { labels: { a: 'b' } }, spec: { containers, initContainers } } },
  }) as never;

test('asks more often, and gives up no sooner', () => {
  const seen = [
    { name: 'identity', readinessProbe: { ...probe, failureThreshold: 7 } },
    { name: 'linkerd-proxy', readinessProbe: probe },
  ];
  const wanted = [
    { name: 'identity', readinessProbe: { ...probe, periodSeconds: 2, failureThreshold: 35 } },
    { name: 'linkerd-proxy', readinessProbe: { ...probe, periodSeconds: 2, failureThreshold: 15 } },
  ];
  expect(withPromptReadiness(deployment(seen))).toEqual(deployment(wanted));
  expect(withPromptReadiness(deployment([], seen))).toEqual(deployment([], wanted));
});

test.each<[what: string, object: never]>([
  ['a probe that says how often', deployment([{ name: 'a', readinessProbe: { ...probe, periodSeconds: 5 } }])],
  ['a container without a probe', deployment([{ name: 'pause' }])],
  ['another kind', { kind: 'ConfigMap', data: { a: 'b' } } as never],
  ['a Deployment without a pod', { kind: 'Deployment', metadata: { name: 'x' } } as never],
])('leaves %s as it is', (_what, object) => {
  expect(withPromptReadiness(object)).toEqual(object);
});
