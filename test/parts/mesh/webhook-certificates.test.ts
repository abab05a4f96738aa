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
import { renewing, siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const DAY_MS = 86_400_000;
const topology = twoClusters(meshMode);
const scope = hubScope(topology);
/** The hub's are renewed first, in their last 90 days; a leaf's later. */
const renewal = renewing(scope);
const WEBHOOK = { commonName: 'webhook', usages: ['serverAuth' as const], dns: [], ips: [], days: 365 };

let issued: FakeSecrets;
let [old, next]: [string, string] = ['', ''];
beforeAll(async () => {
  issued = await issuedCertificates(topology);
  const made = (afterDays: number) => new PeculiarMint(() => Date.now() + afterDays * DAY_MS).selfSigned(WEBHOOK);
  [old, next] = [(await made(0)).certificate, (await made(276)).certificate];
});

let ports: FakePorts;
const after = (days: number): void => {
  ports = fakePorts({ ...ports, clock: new FakeClock(Date.now() + days * DAY_MS) });
};
const see = (of = scope) => linkerd.see(siteOf(ports, of));

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

test('the certificates of the webhooks are renewed in their last 90 days, once, and nothing else is touched', async () => {
  after(274);
  expect((await see()).steps).toEqual([]);
  after(276);
  const steps = await ensured(linkerd, siteOf(ports, scope));
  expect(inShort(steps).sort()).toEqual(RENEWED);
  expect(steps[0]).toMatchObject({ because: 'its certificate expires in 88 days' });
  expect((await see()).steps).toEqual([]);
});

test('what has expired is renewed too', async () => {
  after(400);
  expect((await see()).steps[0]).toMatchObject({ because: 'its certificate has expired' });
});

test('a renewal has the steps of the webhooks, also where other objects were changed or another leafspan renders', async () => {
  after(276);
  const account = WITH_WEBHOOKS.find(({ kind }) => kind === 'ServiceAccount');
  if (account !== undefined) await ports.kubernetes.remove(account);
  expect((await see()).steps).toHaveLength(RENEWED.length + 1);
  expect(inShort((await see(renewal)).steps).sort()).toEqual(RENEWED);
});

test('before their time a renewal leaves Linkerd alone, whatever else differs', async () => {
  after(274);
  const other = { ...renewal, settings: { ...renewal.settings, linkerd: { version: 'edge-99.1.1' } } };
  expect((await see(other)).steps).toEqual([]);
});

test('a renewal of what ends within a year renders once, and finds nothing a moment later', async () => {
  after(2);
  const all = renewing(scope, 364);
  expect(inShort(await ensured(linkerd, siteOf(ports, all))).sort()).toEqual(RENEWED);
  expect((await see(all)).steps).toEqual([]);
});

test('until the new certificates are in the pods, the API server trusts old and new ones', async () => {
  after(276);
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
