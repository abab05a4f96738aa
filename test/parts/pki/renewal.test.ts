import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { driftCheck } from '../../../src/doctor/checks/drift.js';
import { scopesOf } from '../../../src/doctor/scopes.js';
import { partNamed, partsOf } from '../../../src/parts/list.js';
import { planParts } from '../../../src/parts/plan.js';
import { certificates } from '../../../src/parts/pki/certificates.js';
import { confScript, varzPath } from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { FakeClock } from '../../support/fakes/clock.js';
import { CountingMint } from '../../support/fakes/mint.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { ensured } from '../../support/parts/parts.js';
import { firstLeaf, renewing, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const DAY_MS = 86_400_000;
const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const RELOAD = 'reload certificates of the NATS server';
const OTHER_IMAGE = 'registry.example/nats:9';

/** The topology as someone has changed it since: another image replaces the pod. */
const edited = (scope: Scope): Scope => {
  const { nats } = scope.settings;
  return {
    ...scope,
    settings: { ...scope.settings, nats: { ...nats, images: { ...nats.images, server: OTHER_IMAGE } } },
  };
};

let issued: FakeSecrets;
beforeAll(async () => {
  issued = await issuedCertificates();
});

let ports: FakePorts;
const at = (days: number): void => {
  const clock = new FakeClock(Date.now() + days * DAY_MS);
  ports = fakePorts({ ...ports, clock, mint: new CountingMint(() => clock.now()) });
};
beforeEach(async () => {
  ports = emptyClusters(await issued.copy());
  ports.kubernetes.onGet(varzPath('nats-broker'), 503, '').onGet(CONNZ_PATH, 503, '');
  ports.hosts.on(confScript('nats-broker'), '');
});

const stored = async (name: string): Promise<string> => String(await ports.secrets.read('plant-7', `${name}.crt`));
const stepsOf = async (scope: Scope, part: string): Promise<string[]> =>
  named((await new PartUnderTest(ports, scope, part).see()).steps);

test.each([
  ['the hub', HUB],
  ['a leaf', LEAF],
])('on bare hosts a renewal finds nothing to do on %s: it builds nothing', async (_which, scope) => {
  const one = renewing(scope);
  const parts = partsOf(one).filter(({ renews }) => !renews);
  const planned = await planParts(siteOf(fakePorts(), one), parts, new Set());
  expect(planned.length).toBeGreaterThan(3);
  expect(planned.map(({ steps, unseen }) => [steps, unseen])).toEqual(planned.map(() => [[], undefined]));
});

test('what was never issued is for a provision to issue', async () => {
  ports.secrets.forget('plant-7', 'nats/leaf/server-cluster-b.crt');
  expect(await stepsOf(renewing(LEAF), 'certificates')).toEqual([]);
  expect(await stepsOf(LEAF, 'certificates')).toEqual(['create certificate nats/leaf/server-cluster-b']);
});

test('a leaf is renewed on a day of its own between 90 and 60 days before its end, by provision and by a renewal', async () => {
  at(274);
  expect([await stepsOf(LEAF, 'certificates'), await stepsOf(renewing(LEAF), 'certificates')]).toEqual([[], []]);
  at(306);
  const renewed = ['change certificate nats/leaf/server-cluster-b', 'change certificate nats/clients/leaf-cluster-b'];
  expect(await stepsOf(LEAF, 'certificates')).toEqual(renewed);
  expect(await stepsOf(renewing(LEAF), 'certificates')).toEqual(renewed);
});

test('all of them can be renewed at any time, but for the roots, and once', async () => {
  at(2);
  const all = renewing(HUB, 36_500);
  expect(named(await ensured(certificates, siteOf(ports, all)))).toEqual(
    [
      'linkerd/issuer-cluster-a',
      'nats/broker/server',
      'nats/clients/publisher',
      'nats/clients/subscriber',
      'nats/clients/probe',
      'nats/clients/sys',
    ].map((name) => `change certificate ${name}`),
  );
  expect(await stepsOf(all, 'certificates')).toEqual([]);
});

test.each([
  ['nats-secrets', HUB, ['change Secret/nats-broker-tls', 'change Secret/publisher-tls']],
  ['nats-secrets', LEAF, ['change Secret/nats-leaf-tls', 'change Secret/nats-leaf-client-tls']],
  ['broker', HUB, ['change StatefulSet/nats-broker', RELOAD]],
  ['leaf-node', LEAF, ['change StatefulSet/nats-leaf', RELOAD]],
])('%s brings what was issued again and does not restart it', async (part, scope, steps) => {
  await new PartUnderTest(ports, scope, part).provide();
  expect(await stepsOf(renewing(scope), part)).toEqual([]);
  at(320);
  expect(await stepsOf(renewing(scope), part)).toEqual(expect.arrayContaining(steps));
});

test.each([
  ['broker', HUB, 'nats/broker/server'],
  ['leaf-node', LEAF, 'nats/leaf/server-cluster-b'],
])('%s keeps its pod where a provision would replace it, and loads what is new', async (part, scope, name) => {
  await new PartUnderTest(ports, scope, part).provide();
  ports.nats.shows = await stored(name);
  const one = edited(renewing(scope));
  expect(await stepsOf(one, part)).toEqual([]);
  expect(await stepsOf(edited(scope), part)).toHaveLength(1);
  at(320);
  expect(await stepsOf(one, part)).toEqual([RELOAD]);
});

test('doctor takes a renewal that is due for no change, and one that is overdue', async () => {
  await new PartUnderTest(ports, HUB, 'nats-secrets').provide();
  const drift = async () => {
    const [scope = HUB] = scopesOf(twoClusters(), []);
    const check = driftCheck(scope, partNamed(scope, 'nats-secrets'));
    return check?.judge(await check.probe(siteOf(ports, scope)));
  };
  at(320);
  expect(await drift()).toEqual({ state: 'pass' });
  at(370);
  expect(await drift()).toMatchObject({ state: 'fail' });
});
