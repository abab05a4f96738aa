import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientDialScript } from '../../../src/domain/multicluster/client-dial.js';
import { dialPod, parseDial } from '../../../src/domain/multicluster/dial-pod.js';

const pod = dialPod({ broker: 'cluster-a', image: 'natsio/nats-box:0.19.7' });
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local';

test('the pod tells the injector to leave it, in the namespace that injects by default', () => {
  expect(pod.metadata).toEqual({
    name: 'leafspan-dial',
    namespace: 'nats-system',
    labels: { app: 'leafspan-dial', 'app.kubernetes.io/managed-by': 'leafspan' },
    annotations: { 'linkerd.io/inject': 'disabled' },
  });
});

test('the pod has no certificate and no token', () => {
  expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
  expect(pod.spec?.volumes).toEqual([{ name: 'tmp', emptyDir: {} }]);
});

/** Commands of the pod's image that only tell how they were called, and what the network would have answered. */
let commands: string;
beforeEach(() => {
  commands = mkdtempSync(join(tmpdir(), 'leafspan-dial-'));
});
afterEach(() => rmSync(commands, { recursive: true }));

function command(name: string, body: string): void {
  const file = join(commands, name);
  writeFileSync(file, `#!/bin/sh\necho "$@" > ${commands}/${name}.called\n${body}\n`);
  chmodSync(file, 0o755);
}
const called = (name: string): string => readFileSync(join(commands, `${name}.called`), 'utf8').trim();

/** The log of the pod's container. */
function log(): string {
  const [shell = '', ...args] = pod.spec?.containers[0]?.command ?? [];
  const path = `${commands}:${process.env['PATH'] ?? ''}`;
  return spawnSync(shell, args, { encoding: 'utf8', env: { PATH: path, HOME: commands } }).stdout;
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
  expect(parseDial(log())).toBe(heard);
  expect(called('nc')).toBe(`${MIRROR} 7422`);
});

test('the pod outside the mesh speaks first, so that the gateway closes at once', () => {
  command('nc', 'head -n 1');
  expect(parseDial(log())).toBe('PING');
});

test('the client in the mesh dials without the certificate of its pod, and tells its error on one line', () => {
  command('k3s', "echo 'nats: error: remote error:' >&2; echo '  tls: certificate required' >&2; exit 1");
  const script = clientDialScript('cluster-a').replaceAll('/usr/local/bin/k3s', join(commands, 'k3s'));
  const { stdout, status } = spawnSync('bash', ['-u', '-o', 'pipefail', '-c', script], { encoding: 'utf8' });
  expect([stdout, status]).toEqual(['nats: error: remote error:   tls: certificate required', 0]);
  expect(called('k3s')).toBe(
    'kubectl --cache-dir /var/lib/leafspan/kubectl -n nats-system exec deploy/subscriber -c nats-box -- ' +
      `nats --no-context --server tls://${MIRROR}:7422 --tlsca /certs/ca.crt --timeout 3s rtt`,
  );
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
