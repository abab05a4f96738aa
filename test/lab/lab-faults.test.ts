import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labStatus } from '../../src/lab/lab.js';
import { TestLab } from './support/test-lab.js';

const { options: lab, up, fault, ssh, reaches, remove } = new TestLab('labfault');

beforeAll(async () => expect(await up()).toBeDefined(), 20 * 60_000);
afterAll(remove);
afterEach(async () => fault({ kind: 'heal' }));

test('cuts one port and leaves the others, until it is healed', async () => {
  await ssh('vm-b', 'sudo systemd-run --quiet --unit=probe socat TCP-LISTEN:7000,fork,reuseaddr EXEC:cat; sleep 0.2');
  await fault({ kind: 'cut', from: 'vm-a', to: 'vm-b', port: 7000 });
  expect([await reaches('vm-a', 'vm-b', 7000), await reaches('vm-a', 'vm-b', 22)]).toEqual(['no', 'yes']);
  await fault({ kind: 'heal' });
  expect(await reaches('vm-a', 'vm-b', 7000)).toBe('yes');
});

/** A pod as a network plugin makes it: its packets leave the host under the host's address. */
const POD = [
  'ip netns add pod; ip link add cni0 type veth peer name eth0 netns pod; ip addr add 10.42.0.1/24 dev cni0',
  'ip link set cni0 up; ip -n pod addr add 10.42.0.2/24 dev eth0; ip -n pod link set eth0 up',
  'ip -n pod route add default via 10.42.0.1; sysctl -qw net.ipv4.ip_forward=1',
  'iptables -t nat -A POSTROUTING -s 10.42.0.0/24 ! -d 10.42.0.0/24 -j MASQUERADE',
].join('; ');
/** A service's port: it leads to another one within the host. */
const SERVICE = [
  'systemd-run --quiet --unit=echo socat TCP-LISTEN:7001,fork,reuseaddr EXEC:cat',
  'iptables -t nat -A PREROUTING -p tcp --dport 4143 -j REDIRECT --to-ports 7001',
].join('; ');
const heardBack = (): Promise<string> => ssh('vm-b', 'tail -n1 /run/heard');

test("cuts a pod's open connection to a service's port, which goes on when it is healed", async () => {
  await ssh('vm-a', `sudo sh -c '${SERVICE}'`);
  const talk = 'while sleep 0.1; do date +%s%N; done | ip netns exec pod socat - TCP:vm-a:4143 >/run/heard';
  await ssh('vm-b', `sudo sh -c '${POD}; systemd-run --quiet --unit=talk sh -c "${talk}"; sleep 1'`);
  expect(await heardBack()).toMatch(/^\d+$/);
  await fault({ kind: 'cut', from: 'vm-b', to: 'vm-a', port: 4143 });
  const last = await heardBack();
  await sleep(1000);
  expect([await heardBack(), await reaches('vm-b', 'vm-a', 7001)]).toEqual([last, 'yes']);
  await fault({ kind: 'heal' });
  await sleep(3000);
  expect(await heardBack()).not.toBe(last);
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
