import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { dialPod, parseDial, type DialAs } from '../../../src/domain/multicluster/dial-pod.js';

const podAs = (as: DialAs) => dialPod({ as, broker: 'cluster-a', image: 'natsio/nats-box:0.19.7' });
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local';

test.each<[as: DialAs, inject: string]>([
  ['meshed', 'enabled'],
  ['unmeshed', 'disabled'],
])('the %s pod tells the injector so, in the namespace that injects by default', (as, inject) => {
  expect(podAs(as).metadata).toEqual({
    name: `leafspan-dial-${as}`,
    namespace: 'nats-system',
    labels: { app: 'leafspan-dial', 'app.kubernetes.io/managed-by': 'leafspan' },
    annotations: { 'linkerd.io/inject': inject },
  });
});

test.each<[as: DialAs]>([['meshed'], ['unmeshed']])(
  'the %s pod has the CA alone, no certificate and no token',
  (as) => {
    const { spec } = podAs(as);
    expect(spec).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
    expect(spec?.volumes).toEqual([
      { name: 'ca', secret: { secretName: 'subscriber-tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { name: 'tmp', emptyDir: {} },
    ]);
    expect(spec?.containers.map(({ image, volumeMounts }) => [image, volumeMounts?.map(({ name }) => name)])).toEqual([
      ['natsio/nats-box:0.19.7', ['ca', 'tmp']],
    ]);
  },
);

/** Commands of the pod's image that only tell how they were called, and what the network would have answered. */
let commands: string;
beforeEach(() => {
  commands = mkdtempSync(join(tmpdir(), 'leafspan-dial-'));
  command('sleep', '');
});
afterEach(() => rmSync(commands, { recursive: true }));

function command(name: string, body: string): void {
  const file = join(commands, name);
  writeFileSync(file, `#!/bin/sh\necho "$@" > ${commands}/${name}.called\n${body}\n`);
  chmodSync(file, 0o755);
}
const called = (name: string): string => readFileSync(join(commands, `${name}.called`), 'utf8').trim();

/** The log of the pod's container. */
function logOf(as: DialAs): string {
  const [shell = '', ...args] = podAs(as).spec?.containers[0]?.command ?? [];
  const path = `${commands}:${process.env['PATH'] ?? ''}`;
  return spawnSync(shell, args, { encoding: 'utf8', env: { PATH: path } }).stdout;
}

test.each<[answer: string, body: string, heard: string]>([
  ['nothing', 'exit 1', ''],
  [
    'the beginning of an INFO',
    `echo 'INFO {"server_id":"NDXF","version":"2.15.2","go":"go1.26"}'`,
    'INFO {"server_id":"NDXF","version":"2.15',
  ],
  ['an error', 'echo "nc: bad address \'nats-broker\'" >&2; exit 1', "nc: bad address 'nats-broker'"],
])('the pod outside the mesh waits at the mirror’s port for leaf nodes and tells: %s', (_answer, body, heard) => {
  command('nc', body);
  expect(parseDial(logOf('unmeshed'))).toBe(heard);
  expect(called('nc')).toBe(`${MIRROR} 7422`);
});

test('the meshed pod is a NATS client without a certificate, and tells its error on one line', () => {
  command('nats', "echo 'nats: error: remote error:' >&2; echo '  tls: certificate required' >&2; exit 1");
  expect(parseDial(logOf('meshed'))).toBe('nats: error: remote error:   tls: certificate required');
  expect(called('nats')).toBe(`--no-context --server tls://${MIRROR}:7422 --tlsca /certs/ca.crt --timeout 3s rtt`);
});

test.each<[log: string, heard: string | undefined]>([
  ['heard=INFO {"server_id":"NDXF"}\n', 'INFO {"server_id":"NDXF"}'],
  ['heard=\n', ''],
  ['heard= \n', ''],
  ['a warning of the shell\nheard=Terminated \n', 'Terminated'],
  ['a warning of the shell\n', undefined],
  ['un-heard=x\n', undefined],
  ['', undefined],
])('of the log %j the dial heard %j', (log, heard) => {
  expect(parseDial(log)).toBe(heard);
});
