import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { labStatus, type LabOptions } from '../../src/lab/lab.js';
import { labFootprint } from './support/lab-footprint.js';
import { TestLab } from './support/test-lab.js';

const { folder, options: lab, up, down, ssh, remove } = new TestLab('labtest');

/** Kills a `lab up` with -9 as soon as it reports what matches. */
async function killUpAt(line: RegExp, options: LabOptions = lab): Promise<void> {
  const script = fileURLToPath(new URL('support/lab-up-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, options.name, options.stateDir, options.cacheDir];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  });
  const ended = once(child, 'exit');
  createInterface({ input: child.stdout }).on('line', (said) => line.test(said) && child.kill('SIGKILL'));
  expect(await ended).toEqual([null, 'SIGKILL']);
}

const clean = labFootprint(lab);
beforeAll(() => expect(clean).toMatchObject({ processes: [], mounts: [], namespaces: [], groups: [], loops: [] }));
afterAll(remove);

describe('a lab that is up', () => {
  beforeAll(async () => expect(await up()).toBeDefined(), 20 * 60_000);

  test('answers on ssh as ubuntu, with sudo and a name of its own', async () => {
    expect(await ssh('vm-b', 'whoami; hostname; sudo -n id -u')).toBe('ubuntu\nvm-b\n0');
  });

  test('has booted a systemd that finds nothing wrong', async () => {
    expect(await ssh('vm-a', 'systemctl is-system-running --wait || systemctl --failed')).toBe('running');
  });

  test('gives each host a machine id and a host key of its own', async () => {
    const identity = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub';
    const [a, b] = await Promise.all([ssh('vm-a', identity), ssh('vm-b', identity)]);
    expect(a).not.toBe(b);
  });

  test('pins the host keys that the hosts show', async () => {
    const topology = parse(readFileSync(join(lab.stateDir, 'topology.yaml'), 'utf8')) as {
      broker: { hosts: [{ ssh: { hostKey: string } }] };
    };
    const shown = await ssh('vm-a', 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
    expect(shown).toContain(topology.broker.hosts[0].ssh.hostKey);
  });

  test('lets hosts reach each other and this machine, and nothing else', async () => {
    const reach = (target: string): Promise<string> =>
      ssh('vm-a', `ping -c1 -W1 ${target} >/dev/null && echo yes || echo no`);
    const gateway = (await ssh('vm-a', "ip route show default | awk '{print $3}'")).trim();
    expect(await Promise.all([reach('vm-b'), reach(gateway), reach('192.0.2.1')])).toEqual(['yes', 'yes', 'no']);
  });

  test('has control groups that can be written and a /var/lib that can be a lower layer', async () => {
    const probe = 'for c in /sys/fs/cgroup/*/; do mkdir $c/probe && rmdir $c/probe || exit 1; done; echo yes';
    expect(await ssh('vm-a', `sudo sh -c '${probe}'`)).toBe('yes');
    const overlay =
      'cd $(mktemp -d -p /var/lib) && mkdir l u w m && mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m';
    expect(await ssh('vm-a', `sudo sh -c '${overlay} && umount m && echo yes'`)).toBe('yes');
  });

  test('is left as it is by a second up', async () => {
    const boot = 'cat /proc/sys/kernel/random/boot_id';
    const before = await ssh('vm-a', boot);
    await up();
    expect(await ssh('vm-a', boot)).toBe(before);
  });

  test('takes two ups at once', async () => {
    const states = await Promise.all([up(), up()]);
    expect(states.map((state) => state.hosts.map((host) => host.sshReady))).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test('grows to three hosts, and the two that it has stay as they are', async () => {
    const identity = 'cat /proc/sys/kernel/random/boot_id /etc/ssh/ssh_host_ed25519_key.pub';
    const before = await Promise.all([ssh('vm-a', identity), ssh('vm-b', identity)]);
    const { hosts, topologyFile } = await up(3);
    expect(hosts.map(({ name, cluster, sshReady }) => [name, cluster, sshReady])).toEqual([
      ['vm-a', 'cluster-a', true],
      ['vm-b', 'cluster-b', true],
      ['vm-c', 'cluster-c', true],
    ]);
    expect(await Promise.all([ssh('vm-a', identity), ssh('vm-b', identity)])).toEqual(before);
    const { leaves } = parse(readFileSync(topologyFile, 'utf8')) as { leaves: { name: string }[] };
    expect(leaves.map(({ name }) => name)).toEqual(['cluster-b', 'cluster-c']);
    await down();
    await up();
  });

  test('says who it is', async () => {
    const state = await labStatus(lab);
    expect(state?.hosts.map(({ name, cluster, running }) => [name, cluster, running])).toEqual([
      ['vm-a', 'cluster-a', true],
      ['vm-b', 'cluster-b', true],
    ]);
  });
});

describe('down', () => {
  test('leaves nothing, and a second one finds nothing to do', async () => {
    await up();
    await down();
    expect(labFootprint(lab)).toEqual(clean);
    await down();
    expect(await labStatus(lab)).toBeUndefined();
  });

  test('and up again works', async () => {
    await up();
    expect(await ssh('vm-a', 'hostname')).toBe('vm-a');
    await down();
  });

  test('ends what runs in a host, however it runs', async () => {
    await up(1);
    const sleeper = 'sudo ip netns add pod; sudo systemd-run --quiet ip netns exec pod setsid sleep 31337; sleep 0.2';
    await ssh('vm-a', sleeper);
    await down();
    expect(labFootprint(lab)).toEqual(clean);
  });
});

describe('an up that is killed', () => {
  test.each([/^network done/, /^vm-a running/, /^vm-b running/, /^vm-[ab] done/])(
    'at %s is finished by the next up and cleaned by down',
    async (line) => {
      await killUpAt(line);
      expect((await up()).hosts.map((host) => host.sshReady)).toEqual([true, true]);
      await down();
      expect(labFootprint(lab)).toEqual(clean);
    },
  );

  test.each([/^network done/, /^vm-b running/, /^vm-[ab] done/])('at %s is cleaned by down alone', async (line) => {
    await killUpAt(line);
    await down();
    expect(labFootprint(lab)).toEqual(clean);
  });

  test('while it builds the root takes the build with it', async () => {
    const other = { ...lab, cacheDir: join(folder, 'cache') };
    await killUpAt(/^root running retrieving/, other);
    await down();
    await down(other);
    expect(labFootprint(other)).toEqual({ ...clean, building: [] });
    expect(existsSync(lab.stateDir)).toBe(false);
  });
});
