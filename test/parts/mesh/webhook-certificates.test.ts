import type { KubernetesObject } from '@kubernetes/client-node';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { trustingBoth } from '../../../src/domain/linkerd/webhooks.js';
import { linkerd } from '../../../src/parts/mesh/linkerd.js';
import { FakeClock } from '../../support/fakes/clock.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { issuedCertificates } from '../../support/parts/nats-parts.js';
import { ensured, inShort, withApi } from '../../support/parts/parts.js';
import { printed, WITH_WEBHOOKS } from '../../support/cli/renders.js';
import { siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const DAY_MS = 86_400_000;
const topology = twoClusters(meshMode);
const scope = hubScope(topology);
const WEBHOOK = { commonName: 'webhook', usages: ['serverAuth' as const], dns: [], ips: [], days: 365 };

let issued: FakeSecrets;
let [old, next]: [string, string] = ['', ''];
beforeAll(async () => {
  issued = await issuedCertificates(topology);
  const made = (afterDays: number) => new PeculiarMint(() => Date.now() + afterDays * DAY_MS).selfSigned(WEBHOOK);
  [old, next] = [(await made(0)).certificate, (await made(306)).certificate];
});

let ports: FakePorts;
const after = (days: number): void => {
  ports = fakePorts({ ...ports, clock: new FakeClock(Date.now() + days * DAY_MS) });
};
const see = () => linkerd.see(siteOf(ports, scope));

/** What the command prints when it issues this certificate for each webhook. */
const render = (pem: string): string =>
  printed(
    WITH_WEBHOOKS.map((object) => {
      if (object.metadata.name.endsWith('-k8s-tls')) return { ...object, data: { 'tls.crt': btoa(pem) } };
      if (!object.kind.endsWith('WebhookConfiguration')) return object;
      return { ...object, webhooks: [{ name: 'w', clientConfig: { caBundle: btoa(pem) } }] };
    }),
  );

beforeEach(async () => {
  ports = fakePorts({ secrets: await issued.copy() });
  withApi({ ...ports, hosts: ports.hosts.on(/linkerd install/, render(old), render(next)) });
  await ensured(linkerd, siteOf(ports, scope));
  ports.kubernetes.changes.length = 0;
});

const RENEWED = [
  'change Deployment/linkerd/linkerd-destination',
  'change Deployment/linkerd/linkerd-proxy-injector',
  'change MutatingWebhookConfiguration/linkerd-proxy-injector-webhook-config',
  'change Secret/linkerd/linkerd-policy-validator-k8s-tls',
  'change Secret/linkerd/linkerd-proxy-injector-k8s-tls',
  'change Secret/linkerd/linkerd-sp-validator-k8s-tls',
  'change ValidatingWebhookConfiguration/linkerd-policy-validator-webhook-config',
  'change ValidatingWebhookConfiguration/linkerd-sp-validator-webhook-config',
];

test('the certificates of the webhooks are renewed in their last 60 days, once, and nothing else is touched', async () => {
  after(304);
  expect((await see()).steps).toEqual([]);
  after(306);
  const steps = await ensured(linkerd, siteOf(ports, scope));
  expect(inShort(steps).sort()).toEqual(RENEWED);
  expect(steps[0]).toMatchObject({ because: 'its certificate expires in 58 days' });
  expect((await see()).steps).toEqual([]);
});

test('what has expired is renewed too', async () => {
  after(400);
  expect((await see()).steps[0]).toMatchObject({ because: 'its certificate has expired' });
});

test('until the new certificates are in the pods, the API server trusts old and new ones', async () => {
  after(306);
  ports.kubernetes.slow = 20; // the look reads too
  const meanwhile: string[] = [];
  ports.clock.onSleep = () => meanwhile.push(ports.kubernetes.objects());
  await ensured(linkerd, siteOf(ports, scope));
  const both = `"caBundle":"${btoa(`${old.trim()}\n${next}`)}"`;
  expect(meanwhile.length).toBeGreaterThan(0);
  expect(meanwhile.map((objects) => objects.split(both).length - 1)).toEqual(meanwhile.map(() => 3));
  expect(ports.kubernetes.changes.slice(0, 3).filter((change) => change.includes('Webhook'))).toHaveLength(3);
  expect(ports.kubernetes.objects()).not.toContain(both);
});

const objectWith = (more: object): KubernetesObject =>
  JSON.parse(
    JSON.stringify({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x', resourceVersion: '7' }, ...more }),
  ) as KubernetesObject;

const configuration = (...bundles: [name: string, pem: string][]): KubernetesObject =>
  objectWith({
    webhooks: bundles.map(([name, pem]) => ({ name, clientConfig: { caBundle: btoa(pem) }, rules: [name] })),
  });

test('the bridge is what is there, with one more certificate for the webhooks that go on', () => {
  const live = configuration(['a', 'OLD'], ['gone', 'OLD']);
  expect(trustingBoth(live, configuration(['a', 'NEW'], ['added', 'NEW']))).toEqual({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', labels: {}, annotations: {} },
    webhooks: [
      { name: 'a', clientConfig: { caBundle: btoa('OLD\nNEW') }, rules: ['a'] },
      { name: 'gone', clientConfig: { caBundle: btoa('OLD') }, rules: ['gone'] },
    ],
  });
});

test.each([
  ['it already trusts both', configuration(['a', 'OLD\nNEW'])],
  ['it is as the next one', configuration(['a', 'NEW'])],
  ['no webhook goes on', configuration(['b', 'OLD'])],
  ['it has none', objectWith({})],
])('there is no bridge where %s', (_why, live) => {
  expect(trustingBoth(live, configuration(['a', 'NEW']))).toBeUndefined();
});
