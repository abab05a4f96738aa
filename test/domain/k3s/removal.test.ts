import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseRemains, remainsScript } from '../../../src/domain/k3s/before/removal.js';
import { killQuietly } from '../../support/servers/sshd.js';

const SHIM = '/var/lib/rancher/k3s/data/x/bin/containerd-shim';

let root: string;
let started: number[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-removal-'));
  writeFileSync(join(root, 'shim'), `exec -a ${SHIM} sleep 60\n`);
  started = [];
});
afterEach(() => {
  for (const pid of started) killQuietly(pid);
  rmSync(root, { recursive: true });
});

/** Starts a shim. @returns its process, as the host numbers it */
function startShim(...within: string[]): number {
  const script = `${within.join(' ')} bash shim < /dev/null > /dev/null 2>&1 &
until pid=$(pgrep -n -f '^${SHIM}') && [ "$pid" != ${started.at(-1) ?? 0} ]; do sleep 0.01; done; echo "$pid"`;
  const pid = Number(execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: root }));
  started.push(pid);
  return pid;
}

/** What of K3s is on this machine, beginning with these words. */
function remains(words: string, proc = '/proc/'): string[] {
  const input = remainsScript.replaceAll('/proc/', proc);
  return parseRemains(execFileSync('bash', ['-s'], { input, encoding: 'utf8', cwd: root })).filter((line) =>
    line.startsWith(words),
  );
}

test('a K3s in a container, as of k3d, is none of the host', () => {
  const ours = startShim();
  const theirs = startShim('unshare', '--pid', '--fork');
  expect(remains('process ')).toContain(`process ${ours} ${SHIM}`);
  expect(remains('process ')).not.toContain(`process ${theirs} ${SHIM}`);
});

test.each<[where: string, init: string, pod: string, counts: boolean]>([
  ['of the kubelet', '0::/init.scope', '0::/kubepods.slice/kubepods-burstable.slice/a', true],
  ['of the kubelet, with control groups v1', '1:name=systemd:/init.scope', '4:memory:/kubepods/burstable/a', true],
  ['of the kubelet on a host in a container', '0::/lab/vm-a/init.scope', '0::/lab/vm-a/kubepods.slice/a', true],
  ['of a cluster in a container', '0::/init.scope', '0::/docker/4a5b/kubepods.slice/a', false],
])('a process in a control group %s', (_where, init, pod, counts) => {
  for (const [pid, cgroup] of Object.entries({ 1: init, 77: pod })) {
    mkdirSync(join(root, 'p', pid), { recursive: true });
    writeFileSync(join(root, 'p', pid, 'cgroup'), `${cgroup}\n`);
  }
  mkdirSync(join(root, 'p/self'));
  writeFileSync(join(root, 'p/self/mounts'), '');
  expect(remains('process 77', './p/')).toHaveLength(counts ? 1 : 0);
});
