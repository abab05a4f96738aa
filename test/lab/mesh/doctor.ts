import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeshLab } from '../support/mesh-lab.js';
import { spoilCredentials } from './faults.js';
import { messagesFlow } from './messages.js';

interface Seen {
  health: string;
  causes: { id: string; subject: string; certainty: string }[];
}

interface Scenario {
  make: () => unknown;
  undo: () => unknown;
}

const PATIENCE_MS = 300_000;
const NATS = 'k -n nats-system';

async function seen(lab: MeshLab, topology: string): Promise<Seen> {
  const { stdout, stderr } = await lab.cli.run('doctor', '-f', topology, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Seen;
}

/** A busy machine can be slower than doctor waits; it then names nothing, and people look again. */
export async function firstCause(lab: MeshLab, topology: string): Promise<string | undefined> {
  let first: string | undefined;
  for (let looks = 0; looks < 3 && first === undefined; looks += 1) first = (await seen(lab, topology)).causes[0]?.id;
  return first;
}

/** One fault after the other in a system that works, and what doctor names first. No Temporal server and no worker run. */
export function doctorNames(lab: MeshLab, topology: () => string): void {
  const fault = (...words: string[]): Promise<unknown> => lab.cli.mustRun('lab', 'fault', ...words);
  const scenarios: readonly (readonly [fault: string, scenario: Scenario, first: string])[] = [
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
      { make: () => spoilCredentials(lab, 'vm-b'), undo: () => lab.provision(topology()) },
      'part-as-wanted',
    ],
  ];

  describe('doctor', () => {
    beforeAll(() => lab.cli.mustRun('stop'), PATIENCE_MS);
    afterEach(() => fault('heal'), PATIENCE_MS);

    test(
      'names nothing of a system that works',
      async () => {
        expect(await seen(lab, topology())).toMatchObject({ health: 'healthy', causes: [] });
      },
      PATIENCE_MS,
    );

    test.each(scenarios)(
      '%s: that is named first',
      async (_fault, { make, undo }, first) => {
        await make();
        const named = await firstCause(lab, topology());
        await undo();
        expect(named).toBe(first);
        await messagesFlow(lab);
      },
      PATIENCE_MS,
    );
  });
}
