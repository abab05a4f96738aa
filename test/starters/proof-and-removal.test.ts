import { describe, expect, test } from '@jest/globals';
import { ServedCli, TWELVE_LEAVES, TWO_LEAVES } from '../support/cli/served-cli.js';

const cli = new ServedCli();

describe('verify', () => {
  test('prints every check on stdout', async () => {
    const { code, stdout } = await cli.run('verify', '-f', cli.topology());
    expect(code).toBe(0);
    expect(stdout).toContain('✔ cluster-b  the leaf node is linked to the broker');
    expect(stdout).toContain('2 passed, 0 failed');
  });

  test('prints only the failures of a fleet: exit code 1', async () => {
    cli.system.unlink('cluster-k');
    const { code, stdout } = await cli.run('verify', '-f', cli.topology(TWELVE_LEAVES));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✖ cluster-k {2}the leaf node is linked[^✔✖]*13 clusters; .*\n12 passed, 1 failed\n$/);
  });

  test('--failed prints only the checks that fail', async () => {
    cli.system.unlink('cluster-b');
    const { stdout } = await cli.run('verify', '-f', cli.topology(TWO_LEAVES), '--failed');
    expect(stdout).toMatch(/^ {2}✖ cluster-b {2}the leaf node is linked to the broker\n[^✔]*2 passed, 1 failed\n$/);
  });

  test('--json has the results by cluster', async () => {
    const { stdout } = await cli.run('verify', '-f', cli.topology(), '--only', 'cluster-b', '--json');
    const { clusters } = JSON.parse(stdout) as { clusters: { cluster: string; results: object[] }[] };
    expect(clusters.map(({ cluster, results }) => [cluster, results.length])).toEqual([['cluster-b', 1]]);
  });
});

describe('teardown', () => {
  test('takes out one leaf and leaves the others', async () => {
    await cli.run('provision', '-f', cli.topology(TWO_LEAVES));
    const { code, stderr } = await cli.run('teardown', cli.name, '--yes', '--only', 'cluster-b');
    expect(code).toBe(0);
    expect(stderr).toMatch(/cluster-b of plant-\d+ is removed\n {2}3 removed/);
    expect((await cli.run('plan', '-f', cli.topology(TWO_LEAVES))).stdout).toContain('3 to create');
  });

  test('names the clusters that it did not reach: exit code 1', async () => {
    await cli.run('provision', '-f', cli.topology(TWO_LEAVES));
    cli.system.fail('plan removal', 'vm-c', 'HOST_LOCKED', 'the host belongs to topology "other"');
    const { code, stderr } = await cli.run('teardown', cli.name, '--yes', '--purge');
    expect(code).toBe(1);
    expect(stderr).toMatch(/is partly removed[^]*cluster-c: vm-c: the host belongs to topology "other"/);
    expect(stderr).toContain('the keys stay while a host is not reached');
  });
});

describe('status of a fleet', () => {
  test('is the hub, the counts of leaves, and pages of them', async () => {
    cli.system.fail('ensure k3s', 'vm-k', 'K3S_VERSION_DIFFERS', 'K3s v1.35 is installed');
    await cli.run('provision', '-f', cli.topology({ ...TWELVE_LEAVES, rollout: { maxFailures: '3' } }));
    const { code, stdout } = await cli.run('status', cli.name);
    expect(code).toBe(1);
    expect(stdout).toContain('12 leaves: 1 failed, 11 done');
    expect(stdout).toMatch(/LEAF +STATE +TIME +CHANGED\ncluster-k {2}failed .*K3s v1\.35 is installed/);
    expect(stdout).not.toMatch(/^cluster-b/m);
    const page = await cli.run('status', cli.name, '--state', 'done', '--page', '1');
    expect(page.stdout).toMatch(/^cluster-b {2}done/m);
    expect(page.stdout).toContain('page 1 of 1');
  });
});
