import { describe, expect, test } from '@jest/globals';
import { ServedCli } from '../support/cli/served-cli.js';

const cli = new ServedCli();

describe('a gate', () => {
  test('opens when the waiting phase is approved; other phases are refused', async () => {
    const { ended } = await cli.provisionUntil('link');
    const refused = await cli.run('approve', 'verify', cli.name, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('phase "verify" is not waiting; "link" is');
    const approved = await cli.run('approve', 'link', cli.name, '--yes', '--note', 'looks right');
    expect(approved.code).toBe(0);
    expect(approved.stderr).toMatch(/run the NATS broker\n[^]*plan [0-9a-f]{8}: 6 to create, 0 to change, 0 to delete/);
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain('link  approved by ada@desk: looks right');
    expect((await cli.run('status', cli.name)).stdout).toContain('approved by ada@desk: looks right');
  });

  test('opens for the plan that was read, and for no other', async () => {
    const { ended } = await cli.provisionUntil('link');
    const other = await cli.run('approve', 'link', cli.name, '--yes', '--plan', '0badc0de');
    expect(other.code).toBe(1);
    const read = /the plan of the run is ([0-9a-f]{8}), not 0badc0de/.exec(other.stderr)?.[1] ?? '';
    expect((await cli.run('approve', 'link', cli.name, '--yes', '--plan', read.slice(1))).code).toBe(2);
    expect((await cli.run('approve', 'link', cli.name, '--yes', '--plan', read)).code).toBe(0);
    expect((await ended).code).toBe(0);
  });

  test('is not opened without a terminal unless --yes is given', async () => {
    const { ended } = await cli.provisionUntil('link');
    const { code, stderr } = await cli.run('approve', 'link', cli.name);
    expect(code).toBe(2);
    expect(stderr).toContain('approve needs confirmation, but there is no terminal\nhint: pass --yes');
    await cli.run('reject', 'link', cli.name, '--note', 'not today');
    await ended;
  });

  test('stops the run when it is rejected, with who did it and why', async () => {
    const { ended } = await cli.provisionUntil('link');
    await cli.run('reject', 'link', cli.name, '--note', 'not today');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/rejected by ada@desk: not today\n[^]*\(APPROVAL_REJECTED\)/);
  });
});

describe('a run in progress', () => {
  test('is cancelled without a teardown', async () => {
    const { ended } = await cli.provisionUntil('link');
    const { code, stderr } = await cli.run('cancel', cli.name);
    expect(code).toBe(0);
    expect(stderr).toContain(`cancelled: the run of ${cli.name}`);
    const cancelled = await ended;
    expect(cancelled.code).toBe(1);
    expect(cancelled.stderr).toContain('the run was cancelled');
    expect((await cli.run('plan', '-f', cli.topology())).stdout).toContain('1 to create');
  });

  test('is paused and resumed', async () => {
    const { ended } = await cli.provisionUntil('link');
    expect((await cli.run('pause', cli.name)).stderr).toContain(`paused: ${cli.name}`);
    await cli.run('approve', 'link', cli.name, '--yes');
    expect((await cli.run('status', cli.name)).stdout).toContain(`${cli.name} paused`);
    expect((await cli.run('resume', cli.name)).stderr).toContain(`resumed: ${cli.name}`);
    expect((await ended).code).toBe(0);
  });

  test('keeps teardown out, unless it is to be cancelled', async () => {
    const { ended } = await cli.provisionUntil('link');
    expect((await cli.run('teardown', cli.name, '--yes')).stderr).toMatch(
      /is being provisioned\nhint: [^]*--cancel-run/,
    );
    const { code, stderr } = await cli.run('teardown', cli.name, '--yes', '--cancel-run', '--purge');
    expect(code).toBe(0);
    expect(stderr).toContain(`${cli.name} is removed`);
    expect((await ended).code).toBe(1);
    expect((await cli.run('status', cli.name)).stderr).toContain('(TOPOLOGY_UNKNOWN)');
  });

  test.each(['cancel', 'pause', 'resume'])('is needed for %s', async (verb) => {
    await cli.run('provision', '-f', cli.topology());
    const { code, stderr } = await cli.run(verb, cli.name);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no run of topology "plant-\d+" is in progress\nhint: .*\n.*\(NO_RUN_IN_PROGRESS\)/);
  });
});
