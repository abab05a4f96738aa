import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { spoilCredentials } from './mesh/faults.js';
import { messagesFlow } from './mesh/messages.js';
import { MeshLab } from './support/mesh-lab.js';
import { ALL_PASS } from './support/system-lab.js';

/** Link mode mesh with the double of Linkerd: one fault after the other, and what doctor names first. */
const lab = new MeshLab('doctore2e');

interface Seen {
  health: string;
  causes: { id: string; subject: string; certainty: string }[];
}

let topology: string;
beforeAll(async () => {
  await lab.up();
  topology = lab.mesh('loadBalancer');
  expect(await lab.provision(topology)).toMatchObject({ state: 'done', checks: ALL_PASS });
  await lab.cli.mustRun('stop');
}, 1_800_000);

afterAll(lab.remove, 120_000);

const PATIENCE_MS = 300_000;
const NATS = 'k -n nats-system';

/** No Temporal server and no worker run here. */
async function seen(): Promise<Seen> {
  const { stdout, stderr } = await lab.cli.run('doctor', '-f', topology, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Seen;
}

/** A busy machine can be slower than doctor waits; it then names nothing, and people look again. */
async function firstCause(): Promise<string | undefined> {
  let first: string | undefined;
  for (let looks = 0; looks < 3 && first === undefined; looks += 1) first = (await seen()).causes[0]?.id;
  return first;
}

const fault = (...words: string[]): Promise<unknown> => lab.cli.mustRun('lab', 'fault', ...words);

afterEach(async () => {
  await fault('heal');
}, PATIENCE_MS);

test(
  'of a system that works nothing is named',
  async () => {
    expect(await seen()).toMatchObject({ health: 'healthy', causes: [] });
  },
  PATIENCE_MS,
);

interface Scenario {
  make: () => unknown;
  undo: () => unknown;
}

const SCENARIOS: readonly (readonly [fault: string, scenario: Scenario, first: string])[] = [
  [
    "a firewall drops the gateway's port",
    { make: () => fault('cut', 'vm-b', 'vm-a', '-p', '4143'), undo: () => fault('heal') },
    'gateway-reachable',
  ],
  [
    'everything between the hosts is dropped',
    { make: () => fault('cut', 'vm-b', 'vm-a'), undo: () => fault('heal') },
    'hub-reachable',
  ],
  [
    'K3s of the leaf is stopped',
    {
      make: () => lab.on('vm-b', 'systemctl stop k3s'),
      undo: () => lab.on('vm-b', 'systemctl start k3s; until k get --raw /readyz >/dev/null 2>&1; do sleep 1; done'),
    },
    'api-server-ready',
  ],
  [
    'the broker is not exported',
    {
      make: () => lab.on('vm-a', `${NATS} label service nats-broker mirror.linkerd.io/exported-; sleep 5`),
      undo: () => lab.on('vm-a', `${NATS} label service nats-broker mirror.linkerd.io/exported=true`),
    },
    'part-as-wanted',
  ],
  [
    'the credentials of the Link are wrong',
    { make: () => spoilCredentials(lab, 'vm-b'), undo: () => lab.provision(topology) },
    'part-as-wanted',
  ],
];

test.each(SCENARIOS)(
  '%s: that is named first',
  async (_fault, { make, undo }, first) => {
    await make();
    const named = await firstCause();
    await undo();
    expect(named).toBe(first);
    await messagesFlow(lab);
  },
  PATIENCE_MS,
);
