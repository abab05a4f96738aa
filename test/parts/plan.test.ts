import { beforeEach, expect, test } from '@jest/globals';
import { apiStateScript } from '../../src/domain/k3s/api-state.js';
import { part } from '../../src/parts/part.js';
import { planParts } from '../../src/parts/plan.js';
import { fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { firstLeaf, siteOf } from '../support/parts/site.js';

const synthetic = (name: string, asksHub: boolean) =>
  part({
    ...{ name, title: name, phase: 'link', livesIn: 'cluster', asksHub },
    wanted: () => undefined,
    look: () => Promise.resolve(),
    decide: () => [{ verb: 'create', object: name, because: 'it is not there' }],
    undo: () => [],
    act: () => Promise.resolve(),
  });
const PARTS = [synthetic('alone', false), synthetic('with the hub', true)];

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
});

const UP = 'installed\nactive\nkubeconfig\n';
const DOWN = 'installed\n';
const STEP = 'create';

test.each<[where: string, leaf: string, hub: string, alone: string, withHub: string]>([
  ['both are bare', '', '', STEP, STEP],
  ['both respond', UP, UP, STEP, STEP],
  ['the leaf does not respond', DOWN, UP, 'K3s does not respond', 'K3s does not respond'],
  ['the hub does not respond', UP, DOWN, STEP, 'K3s of the hub does not respond'],
  ['neither responds', DOWN, DOWN, 'K3s does not respond', 'K3s does not respond'],
])('where %s a part is planned, or not to be seen yet', async (_where, leaf, hub, alone, withHub) => {
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  const run = ports.hosts.run.bind(ports.hosts);
  ports.hosts.on(apiStateScript, '');
  ports.hosts.run = async (host, script, options) => ({
    ...(await run(host, script, options)),
    stdout: host.cluster === 'cluster-a' ? hub : leaf,
  });
  const planned = await planParts(siteOf(ports, firstLeaf()), PARTS, new Set());
  expect(planned.map(({ unseen, steps }) => unseen ?? steps[0]?.verb)).toEqual([alone, withHub]);
});
