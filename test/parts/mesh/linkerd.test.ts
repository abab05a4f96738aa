import type { KubernetesObject } from '@kubernetes/client-node';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { renderControlPlaneScript } from '../../../src/domain/linkerd/render.js';
import { linkerd } from '../../../src/parts/mesh/linkerd.js';
import { certificates } from '../../../src/parts/pki/certificates.js';
import type { Site } from '../../../src/parts/site.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { issuedCertificates } from '../../support/parts/nats-parts.js';
import { bare, ensured, inShort, removed, withApi } from '../../support/parts/parts.js';
import { printed, WITH_WEBHOOKS, type RenderedObject } from '../../support/cli/renders.js';
import { siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const topology = twoClusters(meshMode);
const scope = hubScope(topology);
const TITLE = 'Linkerd control plane edge-26.8.3';
const ISSUER = 'linkerd/issuer-cluster-a';
const INVENTORY = 'ConfigMap/leafspan-inventory-linkerd';

let issued: FakeSecrets;
let ports: FakePorts;
let site: () => Site;
beforeAll(async () => {
  issued = await issuedCertificates(topology);
});
beforeEach(async () => {
  ports = fakePorts({ secrets: await issued.copy() });
  site = () => siteOf(ports, scope);
});

const nameOf = ({ kind, metadata }: RenderedObject): string => `${kind}/${metadata.name}`;
const stepOf = ({ kind, metadata: { name, namespace } }: RenderedObject): string =>
  [kind, ...(namespace === undefined ? [] : [namespace]), name].join('/');

/** Every render has other certificates, so each of its objects would be a change. */
const render = (number: number, objects: readonly RenderedObject[] = WITH_WEBHOOKS): string =>
  printed(objects.map((object) => ({ ...object, data: { render: number } })));

/** A cluster that responds, on a host whose command prints these renders in turn. */
const rendering = (...renders: string[]): FakePorts =>
  withApi({ ...ports, hosts: ports.hosts.on(/linkerd install/, ...renders) });
const rendersRun = (): string[] => ports.hosts.ran.filter((script) => script.includes('linkerd install'));

async function installed(...renders: string[]): Promise<void> {
  rendering(...(renders.length === 0 ? [render(1), render(2)] : renders));
  await ensured(linkerd, site());
  ports.kubernetes.changes.length = 0;
}

test('the plan for a bare host has one step, and so has the plan right before it is carried out', async () => {
  const planned = (await linkerd.see(siteOf(bare(ports), scope))).steps;
  expect(planned).toEqual([{ verb: 'create', object: TITLE, because: 'it is not there' }]);
  ports = fakePorts({ secrets: ports.secrets });
  expect((await linkerd.see(siteOf(withApi(ports), scope))).steps).toEqual(planned);
});

test('what is rendered with the stored issuer is applied, marked as ours, and as wanted from then on', async () => {
  rendering(render(1));
  await ensured(linkerd, site());
  const stored = async (file: string): Promise<string> => String(await ports.secrets.read(topology.name, file));
  const material = {
    anchors: await stored('linkerd/trust-anchor.crt'),
    certificate: await stored(`${ISSUER}.crt`),
    privateKey: await stored(`${ISSUER}.key`),
  };
  expect(rendersRun()[0]).toContain(renderControlPlaneScript(material));
  expect(ports.kubernetes.names().sort()).toEqual([...WITH_WEBHOOKS.map(nameOf), INVENTORY].sort());
  expect(ports.kubernetes.objects().match(/"app.kubernetes.io\/managed-by":"leafspan"/g)).toHaveLength(
    WITH_WEBHOOKS.length + 1,
  );
  ports.kubernetes.changes.length = 0;

  expect((await linkerd.see(site())).steps).toEqual([]);
  expect(rendersRun()).toHaveLength(1);
  expect(ports.kubernetes.changes).toEqual([]);
});

test('webhooks are applied when the control plane is available: they fail closed', async () => {
  rendering(render(1));
  const beforehand: string[][] = [];
  ports.kubernetes.slow = 4;
  ports.clock.onSleep = () => beforehand.push(ports.kubernetes.names());
  await ensured(linkerd, site());
  expect(beforehand.length).toBeGreaterThan(0);
  expect(beforehand.flat().filter((name) => name.includes('Webhook'))).toEqual([]);
  expect(ports.kubernetes.changes.slice(-4).filter((change) => change.includes('Webhook'))).toHaveLength(3);
});

const SET = [
  'Secret/linkerd/linkerd-proxy-injector-k8s-tls',
  'MutatingWebhookConfiguration/linkerd-proxy-injector-webhook-config',
  'Deployment/linkerd/linkerd-proxy-injector',
];
const ALONE = WITH_WEBHOOKS.filter((object) => !/k8s-tls|Webhook/.test(stepOf(object)) && object.kind !== 'Namespace');

test.each(ALONE.map((object) => [stepOf(object), object] as const))(
  'a deleted %s is created again, and nothing else is touched',
  async (step, object) => {
    await installed();
    await ports.kubernetes.remove(object);
    ports.kubernetes.changes.length = 0;
    expect(inShort(await ensured(linkerd, site()))).toEqual([`create ${step}`]);
    expect(ports.kubernetes.changes).toEqual([`applied ${nameOf(object)}`]);
    expect((await linkerd.see(site())).steps).toEqual([]);
  },
);

test.each(ALONE.map((object) => [stepOf(object), object] as const))(
  'a changed %s is applied again, and nothing else is touched',
  async (step, object) => {
    await installed();
    ports.kubernetes.edit(object);
    const [first, ...more] = await ensured(linkerd, site());
    expect(first).toMatchObject({ verb: 'change', object: step, diff: ['spec: (none) → as rendered'] });
    expect(more).toEqual([]);
    expect(ports.kubernetes.changes).toEqual([`applied ${nameOf(object)}`]);
    expect((await linkerd.see(site())).steps).toEqual([]);
  },
);

test.each(SET.slice(0, 2))(
  'when %s has to be rendered again, all that carries its certificate follows',
  async (step) => {
    await installed();
    const object = WITH_WEBHOOKS.find((each) => stepOf(each) === step);
    await ports.kubernetes.remove(object as never);
    ports.kubernetes.changes.length = 0;
    const steps = await ensured(linkerd, site());
    expect(inShort(steps).sort()).toEqual(SET.map((each) => `${each === step ? 'create' : 'change'} ${each}`).sort());
    expect(ports.kubernetes.changes).toHaveLength(SET.length);
    expect(ports.kubernetes.changes.at(-1)).toContain('WebhookConfiguration');
    expect((await linkerd.see(site())).steps).toEqual([]);
  },
);

test('a deleted namespace takes along what was in it, and that is what is created again', async () => {
  await installed();
  const inside = WITH_WEBHOOKS.filter(({ kind, metadata }) => kind === 'Namespace' || metadata.namespace === 'linkerd');
  await ports.kubernetes.remove(inside[0] as never);
  const steps = inShort(await ensured(linkerd, site()));
  expect(steps.filter((step) => step.startsWith('create')).sort()).toEqual(
    inside.map((object) => `create ${stepOf(object)}`).sort(),
  );
  expect((await linkerd.see(site())).steps).toEqual([]);
});

test('another issuer is one step that tells the fingerprints, foreseen before the issuer is there', async () => {
  await installed();
  ports.secrets.forget(topology.name, `${ISSUER}.crt`);
  const attempt = site();
  const [foreseen] = (await linkerd.see(attempt)).steps;
  expect(attempt.unissued).toContain(ISSUER);
  await ensured(certificates, site());
  const [step, ...more] = await ensured(linkerd, site());
  expect(more).toEqual([]);
  expect([foreseen, step]).toEqual(
    Array(2).fill({
      verb: 'change',
      object: TITLE,
      because: 'what it is rendered from changed',
      diff: [expect.stringMatching(/^issuer: sha256:[0-9a-f]{16} → sha256:[0-9a-f]{16}$/)],
    }),
  );
  expect((await linkerd.see(site())).steps).toEqual([]);
});

test.each([
  ['another release of the command', 'edge-26.1.1\n', 'the linkerd command is edge-26.1.1'],
  ['no command', '\n', 'the linkerd command is not there'],
])('with %s nothing is applied', async (_what, stdout, message) => {
  withApi({ ...ports, hosts: ports.hosts.on(/linkerd install/, { code: 45, stdout }) });
  expect(await failureOf(ensured(linkerd, site()))).toMatchObject({
    code: 'LINKERD_VERSION_DIFFERS',
    message: `${message}; the topology asks for edge-26.8.3`,
    where: { host: 'vm-a' },
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('a removal takes the webhooks first, then the last that was made, then the inventory, and proves absence', async () => {
  await installed();
  const others = { apiVersion: 'v1', kind: 'ClusterRole', metadata: { name: 'of-others' } };
  await ports.kubernetes.apply([others]);
  const steps = inShort(await removed(linkerd, site()));
  expect(steps.slice(0, 3).every((step) => step.includes('Webhook'))).toBe(true);
  expect(steps.slice(-2)).toEqual([
    'delete Namespace/linkerd',
    'delete ConfigMap/kube-system/leafspan-inventory-linkerd',
  ]);
  expect(ports.kubernetes.names()).toEqual(['ClusterRole/of-others']);
  expect((await linkerd.seeForRemoval(site())).steps).toEqual([]);
});

test('a removal that was cut off goes on with what is left', async () => {
  await installed();
  const { steps, act } = await linkerd.seeForRemoval(site());
  await act(steps.slice(0, 5));
  expect((await removed(linkerd, site())).length).toBe(steps.length - 5);
  expect(ports.kubernetes.names()).toEqual([]);
});

test('a Linkerd that leafspan did not install is not removed', async () => {
  rendering(render(1));
  await ports.kubernetes.apply(WITH_WEBHOOKS as KubernetesObject[] as never);
  expect((await linkerd.seeForRemoval(site())).steps).toEqual([]);
});
