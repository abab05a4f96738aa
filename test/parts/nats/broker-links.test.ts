import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { subjectsOf } from '../../../src/domain/nats/accounts-conf.js';
import { brokerConf } from '../../../src/domain/nats/conf.js';
import { confScript, varzPath } from '../../../src/domain/nats/reload.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { orders } from '../../support/accounts.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { sha256 } from '../../support/material.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { twoClusters } from '../../support/topologies.js';

const withSubjects = (subject: string, server = 'nats:2.15.2-alpine'): Scope => {
  const { nats } = twoClusters();
  const accounts = [orders({ subjects: [subject], exports: [] })];
  return hubScope(twoClusters({ nats: { ...nats, demo: true, accounts, images: { ...nats.images, server } } }));
};
const OLD = withSubjects('orders.>');
const NOW = withSubjects('orders.{cluster}.>');
const RENEWAL = 'restart links of account ORDERS';

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(async () => {
  ports = emptyClusters(secrets);
  await brokerFor(OLD).provide();
  const file = sha256(brokerConf({ ...subjectsOf(NOW.settings.nats), cluster: 'cluster-a', leaves: NOW.leaves }));
  const link = (cid: number, role: string, account: string) => ({
    cid,
    account,
    kind: 'Leafnode',
    authorized_user: `${role}.nats.local`,
  });
  const connections = [link(7, 'leaf-cluster-b.orders', 'ORDERS'), link(8, 'leaf-cluster-b', 'APP')];
  ports.kubernetes
    .onGet(varzPath('nats-broker'), 200, { config_digest: 'sha256:1' })
    .onGet(CONNZ_PATH, 200, { server_id: 'NABC', connections })
    .onGet(monitorPath('nats-broker', 'leafz'), 200, { leafs: [] })
    .onPods('app=nats-broker', []);
  ports.hosts.on(confScript('nats-broker'), `${file}  -\nnats-server: /etc/nats/nats.conf is valid (sha256:1)\n`);
  ports.hosts.ran.length = 0;
});

const brokerFor = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'broker');

test('other subjects of an account close its links once, after the broker has loaded them', async () => {
  expect(await brokerFor(NOW).provide()).toEqual([
    'change ConfigMap/nats-broker-config',
    'change StatefulSet/nats-broker',
    'reload configuration of the broker',
    RENEWAL,
  ]);
  expect(ports.nats.messages.map(({ subject, text }) => `${subject} ${text}`)).toEqual([
    '$SYS.REQ.SERVER.NABC.KICK {"cid":7}',
  ]);
  expect(await brokerFor(NOW).provide()).toEqual([]);
});

test('a broker that gets another pod has no open links to close', async () => {
  const { steps } = await brokerFor(withSubjects('orders.{cluster}.>', 'nats:2.15.3-alpine')).see();
  expect(named(steps)).toContain('change StatefulSet/nats-broker');
  expect(named(steps)).not.toContain(RENEWAL);
});

test('a removal closes no links by itself, although their rules have changed', async () => {
  expect(await brokerFor(NOW).remove()).toContain('delete StatefulSet/nats-broker');
  expect(ports.nats.messages).toEqual([]);
  expect(ports.hosts.ran).not.toContain(confScript('nats-broker'));
});
