import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { brokerConf } from '../../src/domain/nats/conf.js';
import { brokerConfScript, nudgeScript, reloadScript, VARZ_PATH } from '../../src/domain/nats/reload.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const { broker, nats } = twoClusters();
const server = serverOf(broker);
const input = { server, leaves: ['cluster-b', 'cluster-c'], nats };
const shaOf = (leaves: string[]): string =>
  createHash('sha256')
    .update(brokerConf({ cluster: 'cluster-a', leaves, subject: nats.subject }))
    .digest('hex');

const wanted = shaOf(input.leaves);
/** The server's digest of a file is not the file's own. */
const digestOf = (file: string): string => `sha256:${file.split('').reverse().join('')}`;
const seen = (file: string): string => `${file}  -\nnats-server: /etc/nats/nats.conf is valid (${digestOf(file)})\n`;
const [before, after] = [shaOf(['cluster-b']), wanted];

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
  ports.hosts.on(nudgeScript(wanted)).on(reloadScript);
  loads(before);
});

const loads = (file: string): void =>
  void ports.kubernetes.onGet(VARZ_PATH, 200, { config_digest: digestOf(file), server_name: 'broker-cluster-a' });
const ran = (): string[] => ports.hosts.ran.filter((script) => script !== brokerConfScript);
/** The broker has loaded the file when the n-th sleep is over. */
const loadsAtSleep = (n: number): void => {
  ports.clock.onSleep = () => {
    if (ports.clock.sleeps.length === n - 1) loads(after);
  };
};

test('reloadBroker does nothing when the broker runs with the wanted configuration', async () => {
  ports.hosts.on(brokerConfScript, seen(after));
  loads(after);
  expect(await attempt(ports, 'reloadBroker', input)).toEqual({ changed: [] });
  expect(ran()).toEqual([]);
  expect(ports.clock.sleeps).toEqual([]);
});

test('reloadBroker nudges once, waits for the file in the pod, signals once, and waits for the broker’s word', async () => {
  ports.hosts.on(brokerConfScript, seen(before), seen(before), seen(before), seen(after));
  loadsAtSleep(6);
  const reloading = new Attempt(ports);
  expect(await reloading.run('reloadBroker', input)).toEqual({ changed: ['reloaded the broker on cluster-a'] });
  expect(ran()).toEqual([nudgeScript(wanted), reloadScript]);
  expect(reloading.heartbeats).toEqual([
    ...Array<string>(3).fill('the new configuration is not in the pod yet'),
    ...Array<string>(3).fill(`the broker has loaded ${digestOf(before)}, not ${digestOf(after)}`),
  ]);

  ports.hosts.ran.length = 0;
  expect(await attempt(ports, 'reloadBroker', input)).toEqual({ changed: [] });
  expect(ran()).toEqual([]);
});

test('reloadBroker signals without a nudge when the file is there already', async () => {
  ports.hosts.on(brokerConfScript, seen(after));
  loadsAtSleep(1);
  expect((await attempt(ports, 'reloadBroker', input)).changed).toHaveLength(1);
  expect(ran()).toEqual([reloadScript]);
});

test('reloadBroker does not signal a configuration that the server refuses, and tells why it does', async () => {
  const refused = `${wanted}  -\nnats-server: /etc/nats/nats.conf:9:3: unknown field "no_such_field"\n`;
  ports.hosts.on(brokerConfScript, refused);
  expect(await failureOf(attempt(ports, 'reloadBroker', input))).toMatchObject({
    type: 'NOT_READY',
    nonRetryable: false,
    message: expect.stringContaining('unknown field "no_such_field"'),
  });
  expect(ran()).toEqual([]);
});

test.each([
  ['does not answer', 503, 'no endpoints available', 'nothing known'],
  ['tells no digest', 200, {}, 'nothing known'],
  ['keeps the old one', 200, { config_digest: digestOf(before) }, digestOf(before)],
])('reloadBroker fails when the broker %s after the signal', async (_what, status, body, loaded) => {
  ports.hosts.on(brokerConfScript, seen(after));
  ports.kubernetes.onGet(VARZ_PATH, status, body);
  expect((await failureOf(attempt(ports, 'reloadBroker', input))).message).toContain(
    `last: the broker has loaded ${loaded}, not ${digestOf(after)}`,
  );
  expect(ran()).toEqual([reloadScript]);
});

test('reloadBroker waits for a pod that is not there yet', async () => {
  ports.hosts.on(brokerConfScript, 'Error from server (NotFound): pods "nats-broker-0" not found\n', seen(after));
  loads(after);
  expect(await attempt(ports, 'reloadBroker', input)).toEqual({ changed: [] });
});
