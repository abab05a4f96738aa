import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import { isMounted } from '../machine/mount-table.js';
import { mustRun, run, succeeds } from '../machine/run-command.js';
import type { LabNames } from '../names.js';

export const BRIDGE = 'bridge';
export const UPLINK_PORT = 'uplink';
/** The table of the walls and the cuts, in the bridge family of the switch's namespace. */
export const TABLE = 'bridge lab';

/**
 * The switch: a bridge in a namespace of its own, with one cable to this machine. There, neither this machine's packet
 * filter (bridge-nf-call-iptables) nor its forwarding sees what the hosts say to each other, and nothing has to be changed
 * for them, nor undone.
 */
export async function ensureSwitch(names: LabNames): Promise<void> {
  const { switchNetns, uplink, gateway } = names;
  await refuseTakenSubnet(names);
  await ensureNetns(switchNetns);
  const inside = ['-n', switchNetns];
  if (!(await succeeds('ip', [...inside, 'link', 'show', BRIDGE]))) {
    await mustRun('ip', [...inside, 'link', 'add', BRIDGE, 'type', 'bridge']);
  }
  if (!(await succeeds('ip', ['link', 'show', uplink]))) {
    await mustRun('ip', ['link', 'add', uplink, 'type', 'veth', 'peer', 'name', UPLINK_PORT, 'netns', switchNetns]);
  }
  const ports = [`link set ${BRIDGE} up`, `link set ${UPLINK_PORT} master ${BRIDGE} up`, 'link set lo up'];
  await mustRun('ip', [...inside, '-batch', '-'], { input: ports.join('\n') });
  const uplinkSetup = [`addr replace ${gateway}/24 dev ${uplink}`, `link set ${uplink} addrgenmode none up`];
  await mustRun('ip', ['-batch', '-'], { input: uplinkSetup.join('\n') });
  // A host that boots is asked for its address before it has one; the kernel would ask again after a second only.
  writeFileSync(`/proc/sys/net/ipv4/neigh/${uplink}/retrans_time_ms`, '50');
  await mustRun('ip', ['netns', 'exec', switchNetns, 'nft', '-f', '-'], { input: walls(gateway) });
  await withoutPacketFilter(switchNetns);
}

export async function removeNetwork(names: LabNames): Promise<void> {
  await run('ip', ['link', 'del', names.uplink]);
  const spaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const space of spaces.filter((each) => each.startsWith(names.netnsPrefix))) await removeNetns(space);
}

/** Hosts reach the lab and this machine's one address in it; a router here (Docker, a VPN) must not carry them further. */
const walls = (gateway: string): string => `
table ${TABLE} {
  chain walls {
    type filter hook forward priority -10; policy accept;
  }
  chain cuts {
    type filter hook forward priority 0; policy accept;
  }
}
flush chain ${TABLE} walls
add rule ${TABLE} walls oifname "${UPLINK_PORT}" ip daddr != ${gateway} drop
add rule ${TABLE} walls oifname "${UPLINK_PORT}" ether type ip6 drop
`;

async function ensureNetns(space: string): Promise<void> {
  const file = join('/run/netns', space);
  if (isMounted(file)) return;
  rmSync(file, { force: true }); // made, but not yet mounted, by one that was killed
  await mustRun('ip', ['netns', 'add', space]);
}

async function removeNetns(space: string): Promise<void> {
  await run('ip', ['netns', 'del', space]);
  rmSync(join('/run/netns', space), { force: true });
}

/** The switch's namespace has its own copy of these settings; a kernel without br_netfilter has none. */
const withoutPacketFilter = (space: string): Promise<string> =>
  mustRun('ip', [
    ...['netns', 'exec', space, 'sh', '-c'],
    'for f in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$f" ] || echo 0 >"$f"; done',
  ]);

async function refuseTakenSubnet({ subnet, uplink }: LabNames): Promise<void> {
  const lines = (await mustRun('ip', ['-4', '-o', 'addr', 'show'])).split('\n');
  const taken = lines.find((line) => line.includes(` ${subnet}.`) && !line.includes(` ${uplink} `));
  if (taken === undefined) return;
  const link = taken.split(/\s+/)[1] ?? '';
  throw new ProvisionError(
    'LAB_SUBNET_IN_USE',
    `the lab's subnet ${subnet}.0/24 is already on link ${link}`,
    'remove that address, or give the lab another name: LEAFSPAN_LAB_NAME=other npm run start -- lab up',
  );
}
