import { expect, test } from '@jest/globals';
import { ProvisionError } from '../../../src/contract/errors.js';
import { awaitLogin } from '../../../src/parts/host/login.js';
import { failureOf } from '../../support/errors.js';
import { FakeHosts } from '../../support/fakes/hosts.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { siteOf } from '../../support/parts/site.js';

const unreachable = new ProvisionError('SSH_UNREACHABLE', 'no SSH on 192.0.2.10:22');
const lost = new ProvisionError('SSH_CONNECTION_LOST', 'the SSH connection was lost');

test('waits for a host that reboots', async () => {
  const ports = fakePorts({ hosts: new FakeHosts().on('true', lost, unreachable, unreachable, '') });
  await awaitLogin(siteOf(ports));
  expect(ports.hosts.ran).toHaveLength(4);
});

test('reports a host that stays silent within a minute', async () => {
  const ports = fakePorts({ hosts: new FakeHosts().on('true', unreachable) });
  const startedAt = ports.clock.now();
  expect(await failureOf(awaitLogin(siteOf(ports)))).toBe(unreachable);
  expect(ports.clock.now() - startedAt).toBeLessThan(50_000);
});

test('reports what time does not fix at once', async () => {
  const refused = new ProvisionError('SSH_AUTH_FAILED', 'refused user "ubuntu"');
  const ports = fakePorts({ hosts: new FakeHosts().on('true', refused) });
  expect(await failureOf(awaitLogin(siteOf(ports)))).toBe(refused);
  expect(ports.hosts.ran).toHaveLength(1);
});
