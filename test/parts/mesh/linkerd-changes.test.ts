import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { linkerd } from '../../../src/parts/mesh/linkerd.js';
import { certificates } from '../../../src/parts/pki/certificates.js';
import type { Site } from '../../../src/parts/site.js';
import { earlierInventory } from '../../support/earlier-inventory.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { issuedCertificates } from '../../support/parts/nats-parts.js';
import { ensured, inShort, withApi } from '../../support/parts/parts.js';
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
/** Every render has other certificates, so each of its objects would be a change. */
const render = (number: number, objects: readonly RenderedObject[] = WITH_WEBHOOKS): string =>
  printed(objects.map((object) => ({ ...object, data: { render: number } })));

/** A cluster that responds, on a host whose command prints these renders in turn. */
const rendering = (...renders: string[]): FakePorts =>
  withApi({ ...ports, hosts: ports.hosts.on(/linkerd install/, ...renders) });

async function installed(...renders: string[]): Promise<void> {
  rendering(...(renders.length === 0 ? [render(1), render(2)] : renders));
  await ensured(linkerd, site());
  ports.kubernetes.changes.length = 0;
}

const reissued = async (): Promise<void> => {
  ports.secrets.forget(topology.name, `${ISSUER}.crt`);
  await ensured(certificates, site());
};

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
const older = [...WITH_WEBHOOKS, { ...RBAC, metadata: { name: 'linkerd-heartbeat' } }];
const newer = [...WITH_WEBHOOKS, { ...RBAC, metadata: { name: 'linkerd-new' } }];
/** The inventory before, the objects, the inventory after. */
const APPLIES = newer.length + 2;

test.each(Array.from({ length: APPLIES }, (_, objects) => [objects]))(
  'a change that was cut off after %i objects is the same step again, and drops what is no longer rendered',
  async (objects) => {
    await installed(render(1, older), render(2, newer));
    await reissued();
    const planned = (await linkerd.see(site())).steps;
    ports.kubernetes.cutAfter = objects;
    expect(await failureOf(ensured(linkerd, site()))).toMatchObject({ code: 'KUBE_API_FAILED' });
    ports.kubernetes.cutAfter = Infinity;

    expect(await ensured(linkerd, site())).toEqual(planned);
    expect(ports.kubernetes.names().sort()).toEqual([...newer.map(nameOf), INVENTORY].sort());
    expect(ports.kubernetes.objects()).not.toContain('"render":1');
    expect((await linkerd.see(site())).steps).toEqual([]);
  },
);

test.each([0, 1, 5, WITH_WEBHOOKS.length + 1])(
  'an installation that was cut off after %i objects is the same step again',
  async (objects) => {
    rendering(render(1));
    ports.kubernetes.cutAfter = objects;
    await failureOf(ensured(linkerd, site()));
    ports.kubernetes.cutAfter = Infinity;
    expect(inShort(await ensured(linkerd, site()))).toEqual([`create ${TITLE}`]);
    expect((await linkerd.see(site())).steps).toEqual([]);
  },
);

test('a change that was cut off and is no longer wanted is applied again all the same', async () => {
  await installed();
  const before = await ports.secrets.read(topology.name, `${ISSUER}.crt`);
  const key = await ports.secrets.read(topology.name, `${ISSUER}.key`);
  await reissued();
  ports.kubernetes.cutAfter = 5;
  await failureOf(ensured(linkerd, site()));
  ports.kubernetes.cutAfter = Infinity;
  await ports.secrets.write(topology.name, `${ISSUER}.key`, key ?? '');
  await ports.secrets.write(topology.name, `${ISSUER}.crt`, before ?? '');
  expect(await ensured(linkerd, site())).toEqual([
    { verb: 'change', object: TITLE, because: 'an apply of it was interrupted' },
  ]);
  expect((await linkerd.see(site())).steps).toEqual([]);
});

test('an empty render counts as a failure and removes nothing', async () => {
  await installed(render(1), '');
  await reissued();
  const before = ports.kubernetes.objects();
  expect((await failureOf(ensured(linkerd, site()))).message).toBe('linkerd rendered no object');
  expect(ports.kubernetes.objects()).toBe(before);
});

test('what an earlier leafspan installed is applied again, and drops what is no longer rendered', async () => {
  rendering(render(2, newer));
  await ports.kubernetes.apply([...older, earlierInventory('linkerd', older)] as never);
  const [step, ...more] = await ensured(linkerd, site());
  expect(more).toEqual([]);
  expect(step).toMatchObject({ verb: 'change', object: TITLE });
  expect(step?.diff?.[0]).toBe('applied by: an earlier leafspan → (none)');
  expect(ports.kubernetes.names()).not.toContain('ClusterRole/linkerd-heartbeat');
  expect((await linkerd.see(site())).steps).toEqual([]);
});
