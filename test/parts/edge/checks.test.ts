import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { EDGE } from '../../../src/domain/edge/names.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates } from '../../support/parts/nats-parts.js';
import { checksIn, judged, results } from '../../support/parts/part-checks.js';
import { firstLeaf } from '../../support/parts/site.js';
import { meshMode, nginxEdge, twoClusters } from '../../support/topologies.js';

const BUNDLE = { artifacts: { from: 'bundle', folder: '/bundle' } } as const;
const allowing = (...allow: string[]): Topology =>
  twoClusters({ ...BUNDLE, nats: { ...nginxEdge().nats, monitoring: { allow, port: 30_443 } } });
const NGINX = allowing('192.0.2.20');
const HUB = hubScope(NGINX);
const LEAF = firstLeaf(NGINX);

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates(NGINX);
});
let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
});

const verdictOf = async (scope: Scope, id: string): Promise<string> => {
  const [result] = await results(ports, scope, id);
  const { verdict } = result ?? { verdict: { state: 'skip', because: 'no such check' } as const };
  return verdict.state === 'pass' ? `pass: ${verdict.note ?? ''}` : `${verdict.state}: ${verdict.because}`;
};

const OF_EDGE = ['edge-available', 'edge-routes-valid', 'edge-passes-tls', 'monitoring-obeys-list'];
const { monitoring, ...QUIET } = nginxEdge().nats;

test.each([
  ['the hub', HUB, OF_EDGE],
  ['a leaf', LEAF, ['monitoring-obeys-list']],
  ['a hub whose monitoring is closed', hubScope(twoClusters({ ...BUNDLE, nats: QUIET })), OF_EDGE.slice(0, 3)],
  ['a hub without NGINX', hubScope(twoClusters(BUNDLE)), []],
])('these are the checks of the edge for %s', (_cluster, scope, ids) => {
  expect(monitoring).toBeDefined();
  expect(checksIn(scope).flatMap(({ id }) => (OF_EDGE.includes(id) ? [id] : []))).toEqual(ids);
});

const route = (port: 'client' | 'leaf', state: string) => ({ ...EDGE[port], status: { state, message: 'said ' } });

test('each route of the topology has to be taken', async () => {
  ports.kubernetes.put(route('client', 'Valid')).put(route('leaf', 'Valid'));
  expect(await verdictOf(HUB, 'edge-routes-valid')).toBe('pass: ');
  ports.kubernetes.put(route('leaf', 'Invalid'));
  expect(await verdictOf(HUB, 'edge-routes-valid')).toBe('fail: TransportServer nats-leaf is Invalid: said');
});

test('in link mode mesh no leaf node comes by the edge', async () => {
  ports.kubernetes.put(route('client', 'Valid'));
  expect(await verdictOf(hubScope({ ...NGINX, ...meshMode }), 'edge-routes-valid')).toBe('pass: ');
});

test("the broker's own certificate is looked for at each port of the host", async () => {
  ports.nats.shows = String(await secrets.read('plant-7', 'nats/broker/server.crt'));
  expect(await verdictOf(HUB, 'edge-passes-tls')).toBe('pass: ');
  expect([...ports.hosts.tunnels].sort()).toEqual(['vm-a → 192.0.2.10:30422', 'vm-a → 192.0.2.10:30722']);
  ports.nats.shows = String(await secrets.read('plant-7', 'nats/monitor/server.crt'));
  expect(await verdictOf(HUB, 'edge-passes-tls')).toMatch(/^fail: the server shows another certificate/);
});

test('monitoring is asked from the host of each cluster', async () => {
  ports.nats.monitorStatus = 200;
  expect(await verdictOf(LEAF, 'monitoring-obeys-list')).toBe('pass: status 200 for 192.0.2.20');
  ports.nats.monitorStatus = 403;
  expect(await verdictOf(HUB, 'monitoring-obeys-list')).toBe('pass: status 403 for 192.0.2.10 or 10.42.0.0/16');
  expect(ports.hosts.tunnels).toEqual(['vm-b → 192.0.2.10:30443', 'vm-a → 192.0.2.10:30443']);
  expect(ports.hosts.tunnelsOpen).toBe(0);
});

test('a host that a firewall keeps out is kept out, unless it is on the list, or the own one of the edge', async () => {
  ports.nats.monitorStatus = undefined;
  const outside = firstLeaf(allowing('198.51.100.0/24'));
  expect(await verdictOf(outside, 'monitoring-obeys-list')).toMatch(/^pass: no response for 192\.0\.2\.20/);
  expect(await verdictOf(LEAF, 'monitoring-obeys-list')).toMatch(/^fail: the monitoring does not respond to 192/);
  expect(await verdictOf(HUB, 'monitoring-obeys-list')).toBe('fail: the probe got no response');
});

test.each<[status: number, expected: string, verdict: RegExp]>([
  [200, 'allowed', /^pass: status 200 for here$/],
  [403, 'allowed', /^fail: the monitoring refuses here, which is on the list \| status 403$/],
  [403, 'refused', /^pass: status 403 for here$/],
  [200, 'refused', /^fail: the monitoring lets in here, which is not on the list/],
  [200, 'either', /^pass: status 200; the list has only some/],
  [502, 'allowed', /^fail: the monitoring neither lets the host in nor refuses it \| status 502$/],
  [404, 'either', /^fail: the monitoring neither/],
])('a %i for a host that is %s is judged', (status, expected, verdict) => {
  expect(judged(HUB, 'monitoring-obeys-list', { status, expected, from: 'here' })).toMatch(verdict);
});
