import { expect, test } from '@jest/globals';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import type { ProvisionResult } from '../../src/contract/runs.js';
import { renderRenewal } from '../../src/starters/commands/certs/renewal-output.js';
import { PLAIN } from '../../src/starters/terminal/style.js';
import { orders } from '../support/accounts.js';
import { ServedCli, TWO_LEAVES } from '../support/cli/served-cli.js';
import { twoClusters } from '../support/topologies.js';

const cli = new ServedCli();

const RESULT: ProvisionResult = {
  state: 'done',
  planDigest: '',
  changed: { create: 0, change: 1, delete: 0 },
  leaves: { total: 0, pending: 0, running: 0, done: 0, failed: 0, skipped: 0, unchanged: 0 },
  failedLeaves: [],
  checks: { passed: 1, failed: 0, warned: 0, skipped: 0 },
  failedChecks: [],
};

const provisioned = () => cli.run('provision', '-f', cli.topology(TWO_LEAVES));

/** Puts certificates with so many days left into the state directory. */
async function stored(days: Record<string, number>): Promise<void> {
  const store = new AgeSecretStore(cli.stateDir);
  for (const [name, left] of Object.entries(days)) {
    const profile = { commonName: name, usages: [], dns: [], ips: [], days: left + 0.5 };
    await store.write(cli.name, `${name}.crt`, (await new PeculiarMint().selfSigned(profile)).certificate);
  }
}

test('certs renew --plan prints what a renewal would do: exit code 3', async () => {
  await provisioned();
  cli.system.due.add('cluster-b');
  const { code, stdout } = await cli.run('certs', 'renew', cli.name, '--plan');
  expect(code).toBe(3);
  expect(stdout).toContain('cluster-b on vm-b');
  expect(stdout).toContain('reload certificates of the NATS server because they were issued again');
  expect(stdout).not.toContain('cluster-c on vm-c');
  expect(cli.system.due.size).toBe(1);
});

test('certs renew works on the clusters whose certificates end soon, and on no other', async () => {
  await provisioned();
  for (const cluster of ['cluster-a', 'cluster-b']) cli.system.due.add(cluster);
  const { code, stdout } = await cli.run('certs', 'renew', cli.name, '--yes', '--json');
  const { plan, result } = JSON.parse(stdout) as { plan: { counts: object }; result: ProvisionResult };
  expect({ code, counts: plan.counts, ...result }).toMatchObject({
    code: 0,
    counts: { create: 0, change: 2, delete: 0 },
    state: 'done',
    changed: { create: 0, change: 2, delete: 0 },
    leaves: { total: 1, done: 1 },
  });
  expect(cli.system.due.size).toBe(0);
  const again = await cli.run('certs', 'renew', cli.name, '--yes');
  expect(again).toMatchObject({ code: 0, stdout: '' });
  expect(again.stderr).toContain('nothing to renew');
});

test('certs renew says what it did, and when the next certificate ends', async () => {
  await provisioned();
  cli.system.due.add('cluster-c');
  await stored({ 'nats/broker/server': 364, 'nats/ca': 3_650 });
  const { code, stderr } = await cli.run('certs', 'renew', cli.name, '--yes');
  expect(code).toBe(0);
  expect(stderr).toMatch(/plant-\d+ has its new certificates, every check passes\n +changes +0 created, 1 changed/);
  expect(stderr).toMatch(/next end +20\d\d-\d\d-\d\d, nats\/broker\/server\n/);
});

test('certs renew needs a person or --yes', async () => {
  await provisioned();
  expect(await cli.run('certs', 'renew', cli.name)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('certs renew needs confirmation'),
  });
});

test('certs renew takes either --all or --within', async () => {
  expect(await cli.run('certs', 'renew', '--all', '--within', '90d', '--plan')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("option '--all' cannot be used with option '--within <days>'"),
  });
});

test('certs renew takes the topology as it was provisioned, whatever its file says by now', async () => {
  await provisioned();
  cli.topology({ name: 'another' });
  cli.system.due.add('cluster-b');
  expect((await cli.run('certs', 'renew', cli.name, '--yes')).code).toBe(0);
});

test.each<[which: string, before: number, lines: RegExp]>([
  [
    'is named with its last day and the command that exports it',
    20,
    /audit of ORDERS works .* until 2026-12-14; its new ones:\n.* certs export plant-7 --user ORDERS\/audit --at outside --out audit/,
  ],
  ['is not named when it is as before', 365, /time +1\.0 s$/],
])('the certificate of a user outside the clusters %s', (_which, before, lines) => {
  const topology = twoClusters();
  topology.nats.accounts = [orders()];
  const end = (days: number) => [
    { name: 'nats/accounts/orders/users/outside/audit', notAfter: Date.UTC(2026, 10, 24 + days) },
  ];
  const facts = { topology, result: RESULT, before: end(before), after: end(365), tookMs: 1_000 };
  expect(renderRenewal(facts, PLAIN)).toMatch(lines);
});

const WARNING =
  /1 certificate ends within 60 days, the first \(nats\/broker\/server\) ends on 20\S+; renew: .* certs renew plant-\d+\n/;

test.each([
  ['status', (): string[] => [cli.name]],
  ['verify', (): string[] => [cli.name]],
  ['plan', (): string[] => ['-f', cli.topology(TWO_LEAVES)]],
  ['provision', (): string[] => ['-f', cli.topology(TWO_LEAVES)]],
])('%s warns of certificates that end, in one line and in its JSON', async (command, more) => {
  await provisioned();
  await stored({ 'nats/ca': 3_650, 'nats/broker/server': 20, 'nats/clients/probe': 70 });
  const { stdout, stderr } = await cli.run(command, ...more(), '--json');
  expect(stderr).toMatch(WARNING);
  expect((JSON.parse(stdout) as { certificates: object }).certificates).toMatchObject({
    ending: 1,
    withinDays: 60,
    first: { name: 'nats/broker/server', daysLeft: 20 },
    renew: expect.stringContaining('certs renew'),
  });
});
