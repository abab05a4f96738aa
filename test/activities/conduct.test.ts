import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CheckClusterInput } from '../../src/activities/clusters.js';
import type { PartActivities } from '../../src/activities/parts.js';
import { toFailure } from '../../src/activities/activity.js';
import { ERROR_CODES, ProvisionError, type ErrorCode } from '../../src/contract/errors.js';
import { hubScope, type Scope } from '../../src/contract/topology/scope.js';
import { claimFactsScript, releaseScript } from '../../src/domain/hosts/claim.js';
import { inventoryFactsScript } from '../../src/domain/hosts/inventory.js';
import { apiStateScript, k3sTracesScript } from '../../src/domain/k3s/api-state.js';
import { k3sFactsScript } from '../../src/domain/k3s/install.js';
import { remainsScript, removeK3sScript } from '../../src/domain/k3s/before/removal.js';
import { OTHER_RELEASE } from '../../src/domain/linkerd/render.js';
import { NATS_CA } from '../../src/domain/pki/profiles.js';
import { claimedHost } from '../support/parts/claimed-host.js';
import { failureOf } from '../support/errors.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates } from '../support/parts/nats-parts.js';
import { firstLeaf } from '../support/parts/site.js';
import { meshMode, twoClusters } from '../support/topologies.js';

type PartActivity = Extract<keyof PartActivities, string>;

const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const MESHED_HUB = hubScope(twoClusters(meshMode));

const DOWNLOAD = /curl -fsSL --retry 3/;

let issued: FakeSecrets;
beforeAll(async () => {
  issued = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = claimedHost(issued);
});

test.each(Object.entries(ERROR_CODES))('%s says whether a retry can help, and where to read on', (code, facts) => {
  const error = new ProvisionError(code as ErrorCode, 'what was seen', 'what to do', { host: 'vm-a' }, 'token: abc');
  expect(toFailure(error)).toMatchObject({
    type: code,
    message: 'vm-a: what was seen',
    nonRetryable: facts.permanent,
    details: [{ host: 'vm-a', docs: facts.docs, hint: 'what to do', output: 'token: [redacted]' }],
  });
});

test('a failure without a place, a hint and an output has none of them', () => {
  const { message, details } = toFailure(new ProvisionError('USAGE', 'what was seen'));
  expect({ message, details }).toEqual({ message: 'what was seen', details: [{ docs: 'usage' }] });
});

type Arrange = (ports: FakePorts) => unknown;
const k3sOf =
  (facts: string): Arrange =>
  ({ hosts }) =>
    hosts.on(k3sFactsScript, facts).on(/^\ncommand -v curl/);
const downloading =
  (code: number, stderr = ''): Arrange =>
  ({ hosts }) =>
    hosts.on(/echo "list/).on(DOWNLOAD, { code, stderr });

const FAILURES: [what: string, PartActivity, Scope, ErrorCode, message: RegExp, Arrange][] = [
  ['another version of K3s', 'ensure k3s', HUB, 'K3S_VERSION_DIFFERS', /K3s v1\.30/, k3sOf('version=v1.30.0+k3s1\n')],
  ['a host without K3s', 'ensure k3s', HUB, 'K3S_VERSION_DIFFERS', /K3s \(none\) is installed/, k3sOf('')],
  ['a corrupt download', 'ensure k3s-files', HUB, 'ARTIFACT_CORRUPT', /checksum mismatch for/, downloading(41)],
  ['a missing checksum', 'ensure k3s-files', HUB, 'ARTIFACT_CORRUPT', /has no checksum of k3s/, downloading(42)],
  ['a download without curl', 'ensure k3s-files', HUB, 'PREFLIGHT_FAILED', /curl is missing/, downloading(43)],
  [
    'a download that fails',
    'ensure k3s-files',
    HUB,
    'DOWNLOAD_FAILED',
    /Could not resolve host/,
    downloading(44, 'curl: (6) Could not resolve host'),
  ],
  [
    'a connection that is cut',
    'ensure nats-secrets',
    HUB,
    'KUBE_API_FAILED',
    /the connection was cut/,
    ({ kubernetes }) => (kubernetes.cutAfter = 0),
  ],
  [
    'another release of Linkerd',
    'ensure linkerd-crds',
    MESHED_HUB,
    'LINKERD_VERSION_DIFFERS',
    /the linkerd command is edge-26\.1\.1/,
    ({ hosts }) => hosts.on(/linkerd install/, { code: OTHER_RELEASE, stdout: 'edge-26.1.1\n' }),
  ],
];

test.each(FAILURES)('%s ends %s', async (_what, activity, scope, type, message, arrange) => {
  arrange(ports);
  expect(await failureOf(attempt(ports, activity, { scope }))).toMatchObject({
    type,
    nonRetryable: ERROR_CODES[type].permanent,
    message: expect.stringMatching(message),
    details: [expect.objectContaining({ docs: ERROR_CODES[type].docs })],
  });
});

test('a K3s that leafspan did not install is not claimed', async () => {
  ports = fakePorts();
  ports.hosts.on(claimFactsScript).on(k3sTracesScript, '/usr/local/bin/k3s\n').on(apiStateScript);
  expect(await failureOf(attempt(ports, 'ensure claim', { scope: HUB }))).toMatchObject({
    type: 'HOST_FOREIGN',
    nonRetryable: true,
    details: [{ host: 'vm-a', cluster: 'cluster-a', docs: 'host-foreign', hint: expect.any(String) }],
  });
});

test('a root that is damaged is not replaced', async () => {
  ports = fakePorts();
  await ports.secrets.write('plant-7', `${NATS_CA}.crt`, 'no certificate');
  expect(await failureOf(attempt(ports, 'ensure certificates', { scope: HUB }))).toMatchObject({
    type: 'PKI_INVALID',
    nonRetryable: true,
  });
  expect(ports.secrets.writes).toEqual([`${NATS_CA}.crt`]);
});

test.each<[PartActivity, Scope]>([
  ['ensure nats-secrets', HUB],
  ['ensure nats-secrets', LEAF],
  ['ensure broker', HUB],
  ['ensure leaf-node', LEAF],
  ['ensure publisher', HUB],
  ['ensure subscriber', LEAF],
  ['ensure linkerd', MESHED_HUB],
])('%s applies nothing before its certificates are issued', async (activity, scope) => {
  ports = claimedHost(new FakeSecrets());
  expect(await failureOf(attempt(ports, activity, { scope }))).toMatchObject({
    type: 'SECRET_MISSING',
    nonRetryable: true,
    message: expect.stringMatching(/^vm-.: topology "plant-7" has no /),
    details: [{ docs: 'secret-missing', hint: 'run provision, which issues what is missing' }],
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('a removal names what it left behind', async () => {
  ports.hosts.on(k3sFactsScript).on(removeK3sScript).on(remainsScript, 'mount /run/k3s\nunit k3s.service\n');
  expect(await failureOf(attempt(ports, 'remove k3s', { scope: HUB }))).toMatchObject({
    type: 'REMAINS_FOUND',
    nonRetryable: false,
    message: 'vm-a: left behind after uninstall: mount /run/k3s; unit k3s.service',
    details: [{ host: 'vm-a', docs: 'remains-found', hint: expect.stringContaining('fuser') }],
  });
});

test('the claim stays as long as a file of ours does', async () => {
  ports.hosts.on(inventoryFactsScript, '/usr/local/bin/helm\n').on(/rm -f -- "\$file"/, '/usr/local/bin/helm\n');
  expect(await failureOf(attempt(ports, 'remove claim', { scope: HUB }))).toMatchObject({
    type: 'REMAINS_FOUND',
    message: 'vm-a: left behind after uninstall: /usr/local/bin/helm; /var/lib/leafspan',
  });
  expect(ports.hosts.ran).not.toContain(releaseScript);
});

const CREATE = { verb: 'create', object: 'Service/nats-broker-external', because: 'it is not there' } as const;

test('steps that were approved are carried out', async () => {
  expect(await attempt(ports, 'ensure external-ports', { scope: HUB, approved: [CREATE] })).toEqual({
    steps: [CREATE],
  });
});

test.each([
  ['none were', []],
  ['others were', [{ ...CREATE, object: 'Service/nats-broker' }]],
])('steps are not carried out when %s approved, and the difference is told', async (_what, approved) => {
  expect(await failureOf(attempt(ports, 'ensure external-ports', { scope: HUB, approved }))).toMatchObject({
    type: 'PLAN_CHANGED',
    nonRetryable: true,
    message:
      'vm-a: the plan changed after it was approved:\n  create Service/nats-broker-external, because it is not there',
    details: [{ host: 'vm-a', cluster: 'cluster-a', docs: 'plan-changed', hint: expect.stringContaining('run plan') }],
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('a change that was not approved is told field by field', async () => {
  await attempt(ports, 'ensure external-ports', { scope: HUB });
  const metadata = { name: 'nats-broker-external', namespace: 'nats-system' };
  ports.kubernetes.edit({ apiVersion: 'v1', kind: 'Service', metadata });
  const { message } = await failureOf(attempt(ports, 'ensure external-ports', { scope: HUB, approved: [] }));
  expect(message).toMatch(/^ {2}change Service\/nats-broker-external, because it differs.*\n {4}\S/m);
});

test('a run that works on leaves leaves out what is said of all of them, and nothing else', async () => {
  const idsOf = async (input: CheckClusterInput): Promise<string[]> =>
    (await attempt(claimedHost(issued), 'check cluster', input)).results.map(({ id }) => id);
  const all = await idsOf({ scope: HUB });
  expect(all).toContain('broker-lists-leaves');
  expect(await idsOf({ scope: HUB, ofRun: true })).toEqual(all.filter((id) => id !== 'broker-lists-leaves'));
});

test('checks that run ahead of a plan are the slow ones, and only of a cluster that is up', async () => {
  ports.hosts.on('true');
  const ahead = (scope: Scope) => attempt(ports, 'check cluster ahead', { scope, trustOnFirstUse: false });
  expect(await ahead(HUB)).toEqual({ results: [] });
  expect(await ahead(MESHED_HUB)).toMatchObject({ results: [{ id: 'linkerd-healthy' }] });
  ports.hosts.first(apiStateScript, '');
  expect(await ahead(MESHED_HUB)).toEqual({});
});
