import { beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { claimFactsScript, releaseScript, writeClaimScript, type Claim } from '../../../src/domain/hosts/claim.js';
import { inventoryFactsScript } from '../../../src/domain/hosts/inventory.js';
import { apiStateScript, k3sTracesScript } from '../../../src/domain/k3s/api-state.js';
import { recordScript } from '../../../src/domain/k3s/before/record.js';
import { NATS_CA } from '../../../src/domain/pki/profiles.js';
import { claim, isAdopted } from '../../../src/parts/host/claim.js';
import { installationOf } from '../../../src/parts/pki/installation.js';
import { failureOf } from '../../support/errors.js';
import type { FakeHosts } from '../../support/fakes/hosts.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { siteOf } from '../../support/parts/site.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

const CLAIM = '/var/lib/leafspan/claim.json';
const adopting = hubScope(
  twoClusters({
    broker: {
      name: 'cluster-a',
      role: 'broker',
      hosts: [{ ...hostNamed('vm-a', 'cluster-a', '192.0.2.10'), adopt: true }],
    },
  }),
);

let ports: FakePorts;
let installation: string;
beforeEach(async () => {
  ports = fakePorts();
  const { certificate } = await ports.mint.selfSigned({
    commonName: 'leafspan NATS CA',
    ca: { pathLength: 0 },
    usages: [],
    dns: [],
    ips: [],
    days: 3_650,
  });
  await ports.secrets.write('plant-7', `${NATS_CA}.crt`, certificate);
  installation = (await installationOf(ports.secrets, 'plant-7')) ?? '';
});

const MACHINE = 'fedcba9876543210';
const HERE = `machineId=${MACHINE}\n`;
const ours = (fields: Partial<Claim> = {}): Claim => ({
  topology: 'plant-7',
  cluster: 'cluster-a',
  installation,
  machine: MACHINE,
  adopted: false,
  ...fields,
});
const claimed = (fields: Partial<Claim> = {}): string => `claim=${JSON.stringify(ours(fields))}\n${HERE}`;

/** A host with this claim and nothing else. */
const bare = (...claims: string[]): FakeHosts =>
  ports.hosts
    .on(claimFactsScript, ...claims)
    .on(k3sTracesScript, '')
    .on(apiStateScript, '');

/** A host with a K3s that is not claimed. */
const withK3s = (state: string, readyz: number): FakeHosts => {
  ports.kubernetes.onGet('/readyz', readyz, 'ok');
  return ports.hosts
    .on(claimFactsScript, '')
    .on(k3sTracesScript, '/usr/local/bin/k3s\n/etc/systemd/system/k3s.service\n')
    .on(apiStateScript, state);
};

test('the installation is known by the first 16 hex digits of the SHA-256 of its NATS CA', () => {
  expect(installation).toMatch(/^[0-9a-f]{16}$/);
});

test('on a bare host the claim is written, synced, and then there', async () => {
  bare(HERE, claimed()).on(/claim-XXXXXX/, '');
  const { steps, act } = await claim.see(siteOf(ports));
  expect(steps).toEqual([
    {
      verb: 'create',
      object: CLAIM,
      because: 'the host is not claimed',
      diff: [
        'topology: plant-7',
        'cluster: cluster-a',
        `installation: sha256:${installation}`,
        `machine: ${MACHINE}`,
        'adopted: false',
      ],
    },
  ]);
  await act(steps);
  expect(ports.hosts.ran).toContain(writeClaimScript(ours(), 'create', recordScript(false)));
  expect((await claim.see(siteOf(ports))).steps).toEqual([]);
});

test('before the CA is issued the plan says so, and nothing may be applied yet', async () => {
  ports.secrets.forget('plant-7', `${NATS_CA}.crt`);
  bare('');
  const site = siteOf(ports);
  const { steps } = await claim.see(site);
  expect(steps[0]?.diff).toContain('installation: (not issued yet)');
  expect(site.unissued).toEqual([NATS_CA]);
});

test.each<[form: string, printed: () => string, because: string]>([
  ['of the old form', () => 'owner=plant-7\nownerAdopted=yes\n', 'it has the form of an earlier version'],
  [
    'that names no installation',
    () => 'claim={"topology":"plant-7","adopted":true}\n',
    'it does not name the installation',
  ],
  [
    'that names neither cluster nor machine',
    () => claimed({ cluster: undefined, machine: undefined, adopted: true }),
    'it does not name cluster and machine',
  ],
])('a claim %s is replaced, and keeps what was there before', async (_form, printed, because) => {
  bare(printed() + HERE).on(/claim-XXXXXX/, '');
  const { steps, act } = await claim.see(siteOf(ports));
  expect(steps).toMatchObject([{ verb: 'change', object: CLAIM, because }]);
  await act(steps);
  expect(ports.hosts.ran).toContain(writeClaimScript(ours({ adopted: true }), 'replace'));
});

test.each<[whose: string, printed: () => string, code: string]>([
  ['another topology', () => claimed({ topology: 'plant-8' }), 'HOST_LOCKED'],
  ['another topology, in the old form', () => 'owner=plant-8\n', 'HOST_LOCKED'],
  ['another installation', () => claimed({ installation: 'f'.repeat(16) }), 'INSTALLATION_DIFFERS'],
  [
    'another machine, as a copy of its disk',
    () => claimed({ cluster: 'cluster-b', machine: 'f'.repeat(16) }),
    'MACHINE_DIFFERS',
  ],
  ['another cluster of the topology', () => claimed({ cluster: 'cluster-b' }), 'CLUSTER_DIFFERS'],
  ['an owner that cannot be read', () => 'claim=\n', 'CLAIM_UNREADABLE'],
])('a host of %s is neither claimed nor released', async (_whose, printed, code) => {
  bare(printed());
  const where = { host: 'vm-a', cluster: 'cluster-a' };
  expect(await failureOf(claim.see(siteOf(ports)))).toMatchObject({ code, where });
  expect(await failureOf(claim.seeForRemoval(siteOf(ports)))).toMatchObject({ code, where });
});

test('another state directory, whose CA is not issued yet, does not get the host', async () => {
  const printed = claimed();
  ports.secrets.forget('plant-7', `${NATS_CA}.crt`);
  bare(printed);
  expect(await failureOf(claim.see(siteOf(ports)))).toMatchObject({ code: 'INSTALLATION_DIFFERS' });
});

test('a K3s that works and that the topology adopts is adopted with the claim', async () => {
  withK3s('installed\nactive\nkubeconfig\n', 200).on(/claim-XXXXXX/, '');
  const { steps, act } = await claim.see(siteOf(ports, adopting));
  expect(steps[0]?.diff).toContain('adopted: true');
  await act(steps);
  expect(ports.hosts.ran).toContain(
    writeClaimScript(ours({ adopted: true, machine: undefined }), 'create', recordScript(true)),
  );
});

test.each<[what: string, state: string, readyz: number, scope: typeof adopting, message: RegExp]>([
  [
    'that the topology does not adopt',
    'installed\nactive\nkubeconfig\n',
    200,
    hubScope(twoClusters()),
    /did not install/,
  ],
  ['that does not respond', 'installed\nactive\nkubeconfig\n', 500, adopting, /cannot be adopted/],
  ['that does not run', 'installed\n', 200, adopting, /cannot be adopted/],
  ['of which only a part is there', '', 200, adopting, /cannot be adopted/],
])('a K3s %s is refused', async (_what, state, readyz, scope, message) => {
  withK3s(state, readyz);
  expect(await failureOf(claim.see(siteOf(ports, scope)))).toMatchObject({
    code: 'HOST_FOREIGN',
    message: expect.stringMatching(message),
  });
});

test.each<[what: string, printed: () => string, scope: typeof adopting, adopted: boolean]>([
  ['whose K3s leafspan installed, whatever the topology says later', claimed, adopting, false],
  ['whose K3s was adopted', () => claimed({ adopted: true }), hubScope(twoClusters()), true],
  ['that is bare, whatever the topology says', () => '', adopting, false],
])('the claim alone says what stays on a host %s', async (_what, printed, scope, adopted) => {
  bare(printed());
  expect(await isAdopted(siteOf(ports, scope))).toBe(adopted);
});

test('a removal takes the files of the inventory, then the directory with the claim', async () => {
  bare(claimed(), '')
    .on(inventoryFactsScript, '/usr/local/bin/helm\n', '')
    .on(/rm -f -- "\$file"/, '')
    .on(releaseScript, '');
  const { steps, act } = await claim.seeForRemoval(siteOf(ports));
  expect(steps).toEqual([
    { verb: 'delete', object: '/usr/local/bin/helm', because: 'leafspan put it there' },
    { verb: 'delete', object: '/var/lib/leafspan', because: 'leafspan made it' },
  ]);
  await act(steps);
  expect(ports.hosts.ran.at(-1)).toBe(releaseScript);
  expect((await claim.seeForRemoval(siteOf(ports))).steps).toEqual([]);
});

test('a file that does not go keeps the claim, and the next look finds it again', async () => {
  bare(claimed())
    .on(inventoryFactsScript, '/usr/local/bin/helm\n')
    .on(/rm -f -- "\$file"/, '/usr/local/bin/helm\n');
  const { steps, act } = await claim.seeForRemoval(siteOf(ports));
  await act(steps);
  expect(ports.hosts.ran).not.toContain(releaseScript);
  expect((await claim.seeForRemoval(siteOf(ports))).steps).toHaveLength(2);
});

test('a host without a claim has nothing to remove', async () => {
  bare('').on(inventoryFactsScript, '');
  expect((await claim.seeForRemoval(siteOf(ports))).steps).toEqual([]);
});
