import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import {
  labDefaults,
  labDown,
  labFault,
  labSshCommand,
  labStatus,
  labUp,
  type Fault,
  type LabOptions,
} from '../../src/lab/lab.js';
import { labFootprint } from './lab-footprint.js';

const folder = mkdtempSync(join(tmpdir(), 'leafspan-lab-test-'));
/** Name, subnet and folder of its own, so that it runs beside the default lab; the host root is shared. */
const lab: LabOptions = {
  name: 'labtest',
  stateDir: join(folder, 'state'),
  cacheDir: labDefaults(process.env).cacheDir,
};
const report = (): void => undefined;
const up = (hosts = 2) => labUp({ ...lab, hosts, install: 'no', report, withBundle: false });
const down = () => labDown({ ...lab, report });
const fault = (wanted: Fault) => labFault({ ...lab, fault: wanted, report });

/** What the command wrote and whether it went well. */
async function ssh(host: string, command: string): Promise<string> {
  const { file, args } = labSshCommand(lab, host, [command]);
  const { stdout } = await promisify(execFile)(file, args);
  return stdout.trim();
}

const reaches = (from: string, to: string, port: number): Promise<string> =>
  ssh(from, `timeout 2 bash -c '</dev/tcp/${to}/${String(port)}' 2>/dev/null && echo yes || echo no`);

/** Kills a `lab up` with -9 as soon as it reports what matches. */
async function killUpAt(line: RegExp, options: LabOptions = lab): Promise<void> {
  const script = fileURLToPath(new URL('lab-up-process.ts', import.meta.url));
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
afterAll(async () => {
  await down();
  rmSync(folder, { recursive: true, force: true });
});

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

  test('says who it is', async () => {
    const state = await labStatus(lab);
    expect(state?.hosts.map(({ name, cluster, running }) => [name, cluster, running])).toEqual([
      ['vm-a', 'cluster-a', true],
      ['vm-b', 'cluster-b', true],
    ]);
  });
});

describe('a fault', () => {
  beforeAll(async () => expect(await up()).toBeDefined(), 20 * 60_000);
  afterEach(async () => fault({ kind: 'heal' }));

  test('cuts one port and leaves the others, until it is healed', async () => {
    await ssh('vm-b', 'sudo systemd-run --quiet --unit=probe socat TCP-LISTEN:7000,fork,reuseaddr EXEC:cat; sleep 0.2');
    await fault({ kind: 'cut', from: 'vm-a', to: 'vm-b', port: 7000 });
    expect([await reaches('vm-a', 'vm-b', 7000), await reaches('vm-a', 'vm-b', 22)]).toEqual(['no', 'yes']);
    await fault({ kind: 'heal' });
    expect(await reaches('vm-a', 'vm-b', 7000)).toBe('yes');
  });

  test('cuts a path both ways, also over a reboot', async () => {
    await fault({ kind: 'cut', from: 'vm-a', to: 'vm-b' });
    await fault({ kind: 'reboot', host: 'vm-a' });
    expect([await reaches('vm-a', 'vm-b', 22), await reaches('vm-b', 'vm-a', 22)]).toEqual(['no', 'no']);
  });

  test('reboots: another boot, same disk, no rule and no link of before', async () => {
    const boot = await ssh('vm-a', 'cat /proc/sys/kernel/random/boot_id');
    await ssh(
      'vm-a',
      'sudo sh -c "echo kept >/var/lib/kept; ip link add old0 type bridge; iptables -A INPUT -s 192.0.2.1"',
    );
    await fault({ kind: 'reboot', host: 'vm-a' });
    expect(await ssh('vm-a', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(boot);
    expect(await ssh('vm-a', 'cat /var/lib/kept; ls /sys/class/net; sudo iptables -S INPUT')).toBe(
      'kept\neth0\nlo\n-P INPUT ACCEPT',
    );
  });

  test('cuts the power, and a start brings back the same disk', async () => {
    await ssh('vm-b', 'echo kept >~/kept; sync');
    await fault({ kind: 'kill', host: 'vm-b' });
    expect((await labStatus(lab))?.hosts[1]).toMatchObject({ running: false, sshReady: false });
    await fault({ kind: 'start', host: 'vm-b' });
    expect(await ssh('vm-b', 'cat ~/kept')).toBe('kept');
  });

  test('brings a host that is dead back by up', async () => {
    await fault({ kind: 'kill', host: 'vm-a' });
    expect((await up()).hosts.map((host) => host.sshReady)).toEqual([true, true]);
  });

  test('fills the disk of the host, not the one of this machine', async () => {
    const image = join(lab.stateDir, 'hosts', 'vm-a', 'disk.img');
    await fault({ kind: 'fill-disk', host: 'vm-a', leaveMb: 10 });
    const write =
      'sudo dd if=/dev/zero of=/var/lib/big bs=1M count=20 2>&1 | grep -o "No space left"; sudo rm /var/lib/big';
    expect(await ssh('vm-a', write)).toBe('No space left');
    expect(statSync(image).blocks * 512).toBeLessThan(200 * 1024 * 1024);
    await fault({ kind: 'heal' });
    expect(await ssh('vm-a', 'df --output=pcent /var/lib | tail -1')).toMatch(/^[0-5]%$/);
  });

  test('names the hosts when it does not know the one that is meant', async () => {
    await expect(fault({ kind: 'kill', host: 'vm-q' })).rejects.toMatchObject({ code: 'LAB_UNKNOWN_HOST' });
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
    await labDown({ ...other, report });
    expect(labFootprint(other)).toEqual({ ...clean, building: [] });
    expect(existsSync(lab.stateDir)).toBe(false);
  });
});
