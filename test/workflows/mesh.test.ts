import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Activities } from '../../src/activities/activities.js';
import type { RunStatus, StepStatus } from '../../src/contract/status.js';
import { linkerdImages } from '../../src/domain/artifacts/linkerd-images.js';
import { failureOfRun, Runs, statusOf, statusWhere } from '../support/runs.js';
import { GATEWAY, meshMode, twoLeaves } from '../support/topologies.js';
import { failingOn, failureAt, healthy, Hold, worldWith, type Script } from '../support/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

/** Activities that a run in link mode direct has no use for. */
const MESH = [
  'ensureGatewayApi',
  'ensureLinkerdCrds',
  'ensureLinkerd',
  'awaitLinkerd',
  'ensureGateway',
  'ensureMirrorController',
  'ensureMeshPolicy',
  'ensureLink',
  'awaitMirror',
  'redialLeafNode',
] as const satisfies (keyof Activities)[];

const linkSteps = ({ phases }: RunStatus): StepStatus[] => phases.find(({ name }) => name === 'link')?.steps ?? [];
const stillRunning = (status: RunStatus): string[] =>
  linkSteps(status).flatMap(({ id, state }) => (state === 'running' ? [id] : []));

const meshCalls = (texts: string[]): string[] =>
  MESH.filter((name) => texts.some((text) => text.startsWith(`${name} `)));

test('brings Linkerd to every cluster, opens the gateway, links the leaf and only then runs its leaf node', async () => {
  const topology = runs.topology(meshMode);
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  const result = await run.result();

  const on = (host: string): string[] => world.texts().filter((text) => text.endsWith(host));
  const cluster = (host: string): unknown[] => [
    ...Array<unknown>(3).fill(expect.stringMatching(/^(awaitImages|ensureGatewayApi|ensureLinkerdCrds) /)),
    `ensureLinkerd ${host}`,
    `awaitLinkerd ${host}`,
  ];
  expect(on('vm-b').slice(-12)).toEqual([
    ...cluster('vm-b'),
    ...Array<unknown>(2).fill(expect.stringMatching(/^ensure(MirrorController|MeshPolicy) /)),
    'ensureLink vm-b',
    'awaitMirror vm-b',
    'redialLeafNode vm-b',
    'ensureLeafNode vm-b',
    'ensureSubscriber vm-b',
  ]);
  expect(on('vm-a').slice(-12, -7)).toEqual(cluster('vm-a'));
  expect(on('vm-a').slice(-7).sort()).toEqual([
    'cutOffLeaves vm-a',
    'ensureBroker vm-a',
    'ensureExternalPorts vm-a',
    'ensureGateway vm-a',
    'ensureMeshPolicy vm-a',
    'ensurePublisher vm-a',
    'reloadBroker vm-a',
  ]);
  expect(meshCalls(world.texts())).toEqual(MESH);
  expect(result).toMatchObject({ state: 'done', failedLeaves: [] });
  expect(result.changed).toEqual(
    expect.arrayContaining(['applied Deployment/linkerd-identity on cluster-b', 'applied Link/cluster-a on cluster-b']),
  );
  await runs.record(run, 'provision-mesh.json');
  await runs.record(runs.child(topology, 'cluster-b'), 'cluster-mesh.json');
});

test('hands on what the mesh needs: its images, the account of every leaf, the address of the mirrored Service', async () => {
  const topology = runs.topology({ ...meshMode, leaves: twoLeaves() });
  const world = worldWith();
  await runs.serve(topology, world);
  await (await runs.start(topology)).result();

  const { server, box } = topology.nats.images;
  const { version } = topology.linkerd;
  expect(world.inputsOf('awaitImages')).toEqual(
    Array(3).fill(expect.objectContaining({ images: [server, box, ...linkerdImages(version)] })),
  );
  expect(world.inputsOf('ensureGateway')).toEqual([
    { server: topology.broker.hosts[0], version, gateway: GATEWAY, leaves: ['cluster-b', 'cluster-c'] },
  ]);
  expect(world.inputsOf('ensureLink')).toEqual(
    Array(2).fill(expect.objectContaining({ broker: topology.broker.hosts[0], gateway: GATEWAY, version })),
  );
  expect(world.inputsOf('ensureLeafNode')).toEqual(
    Array(2).fill(
      expect.objectContaining({
        remote: 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422',
        mode: 'mesh',
      }),
    ),
  );
});

test.each([
  ['ensureBroker', 'broker'],
  ['ensureGateway', 'gateway'],
  ['ensureMirrorController', 'mirror-controller/cluster-b mirror-controller/cluster-c'],
] as const)('works at all ends of the links side by side, and links nothing while %s runs', async (last, steps) => {
  const topology = runs.topology({ ...meshMode, leaves: twoLeaves() });
  const holds = { ensureBroker: new Hold(), ensureGateway: new Hold(), ensureMirrorController: new Hold() };
  const held = (name: keyof typeof holds): Script => ({
    [name]: (input: never) => holds[name].wait().then(() => healthy[name](input)),
  });
  const world = worldWith({ ...held('ensureBroker'), ...held('ensureGateway'), ...held('ensureMirrorController') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await Promise.all(Object.values(holds).map((hold) => hold.entered));

  for (const [name, hold] of Object.entries(holds)) if (name !== last) hold.release();
  const waiting = await statusWhere(run, (status) => stillRunning(status).join(' ') === steps);
  expect(linkSteps(waiting).filter(({ id }) => id.startsWith('link/'))).toEqual([]);
  holds[last].release();
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect(linkSteps(await statusOf(run)).filter(({ id }) => id.startsWith('link/'))).toHaveLength(2);
});

test.each(['ensureMirrorController', 'ensureMeshPolicy', 'ensureLink', 'awaitMirror', 'redialLeafNode'] as const)(
  'goes on with the other leaf when %s fails on one, and ends degraded',
  async (name) => {
    const topology = runs.topology({ ...meshMode, leaves: twoLeaves() });
    const world = worldWith({
      [name]: failingOn(
        'vm-b',
        (host) => failureAt(host, 'KUBE_OBJECT_REFUSED', 'not allowed'),
        healthy[name] as never,
      ),
    });
    await runs.serve(topology, world);
    const run = await runs.start(topology);

    expect(await run.result()).toMatchObject({
      state: 'degraded',
      failedLeaves: [{ cluster: 'cluster-b', error: { code: 'KUBE_OBJECT_REFUSED', message: 'vm-b: not allowed' } }],
    });
    const texts = world.texts();
    expect(texts).toContain('ensureSubscriber vm-c');
    expect(texts).not.toContain('ensureLeafNode vm-b');
    expect(world.inputsOf('ensureGateway')).toEqual([expect.objectContaining({ leaves: ['cluster-b', 'cluster-c'] })]);
    expect(world.inputsOf('runChecks')).toEqual([
      { topology: expect.objectContaining({ leaves: [expect.objectContaining({ name: 'cluster-c' })] }) },
    ]);
  },
);

test('fails as a whole when the gateway cannot be opened', async () => {
  const topology = runs.topology(meshMode);
  const world = worldWith({
    ensureGateway: ({ server }) =>
      Promise.reject(failureAt(server, 'KUBE_OBJECT_REFUSED', 'port is already allocated')),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ message: 'vm-a: port is already allocated' });
  expect(world.texts()).not.toContain('ensureLink vm-b');
});

test('calls no activity of the mesh in link mode direct', async () => {
  const topology = runs.topology({ leaves: twoLeaves() });
  const world = worldWith();
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done' });
  expect(meshCalls(world.texts())).toEqual([]);
  expect(world.inputsOf('ensureLeafNode')).toEqual(
    Array(2).fill(expect.objectContaining({ remote: '192.0.2.10:30722', mode: 'direct' })),
  );
});
