import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bareHost } from './support/host-snapshots.js';
import { ALL_PASS, SystemLab } from './support/system-lab.js';
import { closeByNft, closeByUfw } from './support/there-before.js';

/** Two hosts that let in SSH only, also from pods, and a topology that opens them. The tests build on each other. */
const lab = new SystemLab('closed');
const looks = (): string[][] => ['vm-a', 'vm-b'].map((host) => bareHost(lab.on, host));

let before: string[][];

beforeAll(async () => {
  await lab.up();
  closeByUfw(lab.on, 'vm-a');
  closeByNft(lab.on, 'vm-b');
  before = looks();
}, 1_800_000);

afterAll(lab.remove, 120_000);

test('a run opens the hosts, and every check passes', async () => {
  const managed = lab.topologyWith('managed', { firewall: 'manage' });
  expect(await lab.provision(managed)).toMatchObject({ state: 'done', checks: ALL_PASS });
  expect((await lab.plan(managed)).code).toBe(0);
}, 300_000);

test('teardown leaves the hosts, and the listings of both firewalls, as they were', async () => {
  await lab.cli.mustRun('teardown', lab.name, '--yes');
  expect(looks()).toEqual(before);
}, 300_000);
