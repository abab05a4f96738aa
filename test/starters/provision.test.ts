import { describe, expect, test } from '@jest/globals';
import type { Ran } from '../support/cli/cli.js';
import { ServedCli, TWELVE_LEAVES, TWO_LEAVES } from '../support/cli/served-cli.js';

const cli = new ServedCli();

describe('plan', () => {
  test('prints every step and changes nothing: exit code 3', async () => {
    const { code, stdout } = await cli.run('plan', '-f', cli.topology());
    expect(code).toBe(3);
    expect(stdout).toContain(
      [
        'cluster-b on vm-b: bare',
        '  claim the host',
        '    + create /etc/leafspan/claim.json because it is not there',
        '  install and start K3s',
        '    + create unit k3s.service because it is not there',
        '  run the NATS leaf node',
        '    + create StatefulSet/nats-leaf because it is not there',
        '',
        '6 to create, 0 to change, 0 to delete',
      ].join('\n'),
    );
    expect((await cli.run('plan', '-f', cli.topology())).stdout).toContain('6 to create');
  });

  test('has nothing to do after a provision: exit code 0', async () => {
    await cli.run('provision', '-f', cli.topology());
    const { code, stdout } = await cli.run('provision', '--plan', '-f', cli.topology());
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'nothing to do: 2 clusters are as the topology says\n' });
  });

  test('--json has the steps of all clusters', async () => {
    const { stdout } = await cli.run('plan', '-f', cli.topology(TWELVE_LEAVES), '--json');
    const { plans, counts } = JSON.parse(stdout) as { plans: object[]; counts: object };
    expect({ clusters: plans.length, counts }).toEqual({ clusters: 13, counts: { create: 39, change: 0, delete: 0 } });
  });

  test('comes in pages when it is too large to travel as one; people see the first', async () => {
    cli.system.diffChars = 10_000;
    const file = cli.topology(TWELVE_LEAVES);
    const { plans } = JSON.parse((await cli.run('plan', '-f', file, '--json')).stdout) as { plans: object[] };
    expect(plans).toHaveLength(13);
    const { stdout } = await cli.run('plan', '-f', file);
    expect(stdout).toMatch(/^cluster-a on vm-a[^]*and \d more clusters; .*\n\n39 to create/);
  });

  test('names a leaf that cannot be looked at, and is no success: exit code 1', async () => {
    cli.system.fail('plan cluster', 'vm-c', 'SSH_UNREACHABLE', 'no SSH response', 'start the host');
    const { code, stdout } = await cli.run('plan', '-f', cli.topology(TWO_LEAVES));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /could not be looked at now:\n {2}cluster-c: vm-c: no SSH response\n {4}hint: start the host/,
    );
  });
});

describe('provision', () => {
  test('repeats after a failure what its plan warned of', async () => {
    cli.system.warnings = {
      'vm-b': [{ message: 'a firewall is active (ufw)', remedy: 'sudo ufw allow from 10.42.0.0/16' }],
    };
    cli.system.unlink('cluster-b');
    const { code, stderr } = await cli.run('provision', '-f', cli.topology());
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /is degraded[^]*warnings of 1 cluster:\n {2}cluster-b on vm-b: a firewall is active \(ufw\)\n {4}sudo ufw allow/,
    );
  });

  test('shows what happens, sums up and remembers the topology', async () => {
    const { code, stdout, stderr } = await cli.run('provision', '-f', cli.topology());
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/clusters {2}cluster-b {2}install and start K3s: done/);
    expect(stderr).toContain(`${cli.name} is up, every check passes`);
    expect(stderr).toContain('changes    6 created, 0 changed, 0 deleted');
    expect(stderr).toContain('checks     2 passed, 0 failed');
    const { stdout: status } = await cli.run('status');
    expect(status).toContain(`${cli.name} done`);
    expect(status).toMatch(/✔ cluster-b .*\n +✔ run the NATS leaf node/);
  });

  test('has nothing to do the second time', async () => {
    await cli.run('provision', '-f', cli.topology());
    const { code, stderr } = await cli.run('provision', '-f', cli.topology());
    expect(code).toBe(0);
    expect(stderr).toContain('changes    nothing to do');
    expect(stderr).toContain('checks     2 passed, 0 failed');
  });

  test('is degraded by a check that fails: exit code 1, with its reason', async () => {
    cli.system.unlink('cluster-b');
    const { code, stderr } = await cli.run('provision', '-f', cli.topology());
    expect(code).toBe(1);
    expect(stderr).toContain('because: no link\n      docs: docs/troubleshooting.md#leaf-linked (leaf-linked)');
  });

  test('is degraded by a leaf that fails, and names it', async () => {
    cli.system.fail('ensure k3s', 'vm-c', 'K3S_VERSION_DIFFERS', 'K3s v1.35 is installed', 'use that version');
    const { code, stderr } = await cli.run('provision', '-f', cli.topology({ ...TWO_LEAVES, rollout: { canary: 0 } }));
    expect(code).toBe(1);
    expect(stderr).toMatch(/! plant-\d+ is degraded; fix the cause and run provision again/);
    expect(stderr).toMatch(/cluster-c: .*K3s v1\.35 is installed\n {4}hint: use that version/);
  });

  test('works on the leaves of --only', async () => {
    const { code, stderr } = await cli.run('provision', '-f', cli.topology(TWO_LEAVES), '--only', 'cluster-c');
    expect(code).toBe(0);
    expect(stderr).toContain('changes    6 created');
    expect((await cli.run('plan', '-f', cli.topology(TWO_LEAVES))).stdout).toContain('3 to create');
  });

  test('--json prints the result on stdout and nothing else', async () => {
    const { stdout } = await cli.run('provision', '-f', cli.topology(), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done', changed: { create: 6 }, checks: { passed: 2 } });
  });

  test('attaches to the run in progress; with another topology it is refused', async () => {
    const { ended } = await cli.provisionUntil('link');
    const other = cli.topology({ approvals: ['verify'] }, 'other.yaml');
    const refused = await cli.run('provision', '-f', other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('(RUN_IN_PROGRESS)');
    const second = cli.run('provision', '-f', cli.topology({ approvals: ['link'] }));
    await cli.run('approve', 'link', cli.name, '--yes');
    const ends: Ran[] = await Promise.all([ended, second]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  });
});
