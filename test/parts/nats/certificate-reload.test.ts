import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import {
  confScript,
  certificatesInPodScript,
  nudgeForCertificatesScript,
  reloadScript,
  varzPath,
  type NatsApp,
} from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { certificates } from '../../../src/parts/pki/certificates.js';
import { failureOf } from '../../support/errors.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { sha256 } from '../../support/material.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { results } from '../../support/parts/part-checks.js';
import { ensured } from '../../support/parts/parts.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const RELOAD = 'reload certificates of the NATS server';
const OF_BROKER = ['nats/broker/server'];
const OF_LEAF = ['nats/leaf/server-cluster-b', 'nats/clients/leaf-cluster-b'];

let issued: FakeSecrets;
beforeAll(async () => {
  issued = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(async () => {
  ports = emptyClusters(await issued.copy());
  ports.kubernetes.onGet(varzPath('nats-broker'), 503, '').onGet(CONNZ_PATH, 503, '');
  ports.hosts.on(confScript('nats-broker'), '');
});

const partOf = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, scope === HUB ? 'broker' : 'leaf-node');
const stored = async (names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map(async (name) => String(await ports.secrets.read('plant-7', `${name}.crt`))));
const podHas = (texts: readonly string[]): string => `${sha256(texts.join(''))}  -\n`;

/** A server that shows what it was started with; its certificates are then issued again. */
async function renewed(scope: Scope, names: readonly string[], again: string): Promise<[old: string[], now: string[]]> {
  const old = await stored(names);
  await partOf(scope).provide();
  ports.nats.shows = old[0];
  expect(await partOf(scope).provide()).toEqual([]);
  ports.secrets.forget('plant-7', `${again}.crt`);
  await ensured(certificates, siteOf(ports, scope));
  return [old, await stored(names)];
}

test.each<[app: NatsApp, scope: Scope, names: string[], again: string]>([
  ['nats-broker', HUB, OF_BROKER, 'nats/broker/server'],
  ['nats-leaf', LEAF, OF_LEAF, 'nats/leaf/server-cluster-b'],
  ['nats-leaf', LEAF, OF_LEAF, 'nats/clients/leaf-cluster-b'],
])('%s loads certificates that were issued again without another pod (%#)', async (app, scope, names, again) => {
  const [old, now] = await renewed(scope, names, again);
  const [script, nudge, reload] = [
    certificatesInPodScript(app),
    nudgeForCertificatesScript(app, sha256(now.join(''))),
    reloadScript(app),
  ];
  ports.hosts.on(script, podHas(old), podHas(now)).on(nudge).on(reload);
  ports.clock.onSleep = () => void (ports.nats.shows = ports.hosts.ran.includes(reload) ? now[0] : old[0]);
  const { steps, act } = await partOf(scope).see();
  expect(named(steps)).toEqual([`change StatefulSet/${app}`, RELOAD]);
  expect(steps[0]?.diff).toEqual([expect.stringMatching(/^metadata\.annotations\.leafspan\.io\/certificates: /)]);
  await act(steps);
  expect(ports.hosts.ran.filter((one) => [nudge, reload].includes(one))).toEqual([nudge, reload]);
  expect(await partOf(scope).provide()).toEqual([]);
});

test.each([
  ['the broker', HUB, OF_BROKER],
  ['a leaf node', LEAF, OF_LEAF],
])('%s that shows another certificate than the store has is made to load it', async (_who, scope, names) => {
  await renewed(scope, names, names[0] ?? '');
  await partOf(scope).see();
  const other = (await stored(['nats/clients/probe']))[0];
  ports.nats.shows = other;
  expect(named((await partOf(scope).see()).steps)).toContain(RELOAD);
});

test('a reload that was cut off is done again: the workload says what it has loaded only afterwards', async () => {
  const [old] = await renewed(HUB, OF_BROKER, 'nats/broker/server');
  ports.hosts.on(certificatesInPodScript('nats-broker'), podHas(old)).on(/annotate/);
  expect(await failureOf(partOf(HUB).provide())).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('the new certificates are not in the pod yet'),
  });
  expect(named((await partOf(HUB).see()).steps)).toEqual(['change StatefulSet/nats-broker', RELOAD]);
});

test('a server that does not respond is not reloaded', async () => {
  await partOf(HUB).provide();
  expect(await partOf(HUB).provide()).toEqual([]);
});

test.each<[id: string, scope: Scope, name: string]>([
  ['broker-serves-certificate', HUB, 'nats/broker/server'],
  ['leaf-serves-certificate', LEAF, 'nats/leaf/server-cluster-b'],
])('%s compares what is on the wire with the store', async (id, scope, name) => {
  const verdict = async () => (await results(ports, scope, id))[0]?.verdict;
  await partOf(scope).provide();
  [ports.nats.shows] = await stored([name]);
  expect(await verdict()).toEqual({ state: 'pass' });
  [ports.nats.shows] = await stored(['nats/clients/probe']);
  expect(await verdict()).toMatchObject({
    because: `the server shows another certificate than ${name}`,
    saw: expect.stringMatching(/^serial [0-9A-F]+, valid until 20/),
  });
  ports.nats.shows = undefined;
  expect(await verdict()).toMatchObject({ state: 'fail', because: 'the probe got no response' });
});
