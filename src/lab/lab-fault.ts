import { freeHostDisk, fillHostDisk } from './host-disk.js';
import { powerCut, reboot } from './host-power.js';
import { ensureHostRoot } from './host-root.js';
import { LabError } from './lab-error.js';
import type { HostNames, LabNames } from './lab-names.js';
import { TABLE, UPLINK_PORT } from './lab-network.js';
import { knownHosts } from './lab-status.js';
import type { Fault, LabReport } from './lab-types.js';
import { startHost } from './lab-up.js';
import { mustRun, run } from './run-command.js';

/** Cuts and delays are made on the switch: a host cannot see them, and its reboot does not mend them. */
export async function injectFault(names: LabNames, fault: Fault, report: LabReport): Promise<string> {
  switch (fault.kind) {
    case 'cut':
      return cut(names, fault);
    case 'heal':
      return heal(names);
    case 'delay':
      return delay(names, hostOf(names, fault.host), fault.ms);
    case 'reboot':
      await reboot(hostOf(names, fault.host));
      return `${fault.host} went down and came back`;
    case 'kill':
      return `${fault.host}: ${await powerCut(hostOf(names, fault.host), names)} processes killed`;
    case 'start': {
      const root = await ensureHostRoot({ cacheDir: names.cacheDir, report });
      await startHost(hostOf(names, fault.host), names, { root, report });
      return `${fault.host} runs`;
    }
    case 'fill-disk': {
      const bytes = await fillHostDisk(hostOf(names, fault.host), fault.leaveMb ?? 0);
      return `${fault.host}: ${Math.round(bytes / 1024 / 1024)} MB taken, ${fault.leaveMb ?? 0} MB left`;
    }
  }
}

export function hostOf(names: LabNames, host: string): HostNames {
  const known = knownHosts(names);
  const found = known.find((each) => each.host === host);
  if (found) return found;
  const have = known.length > 0 ? `it has ${known.map((each) => each.host).join(', ')}` : 'it has none';
  const message = `the lab "${names.name}" has no host "${host}"; ${have}`;
  throw new LabError('LAB_UNKNOWN_HOST', message, known.length > 0 ? 'use one of these' : 'make hosts with: lab up');
}

async function cut(names: LabNames, fault: { from: string; to: string; port?: number }): Promise<string> {
  await nft(names, cutRules(portOf(names, fault.from), portOf(names, fault.to), fault.port));
  const port = fault.port === undefined ? '' : `:${fault.port}`;
  return `${fault.from} and ${fault.to}${port} no longer hear each other`;
}

/**
 * Both ways, packet by packet, whether a connection is new or open. With a port: what `from` sends to that TCP port of `to`,
 * and what comes back from it. Told by the ports of the switch, so that it also holds for what a pod sends under whatever
 * address. ARP passes: as between networks, packets are lost and no error comes back.
 */
export function cutRules(from: string, to: string, port?: number): string {
  const there = port === undefined ? 'meta protocol { ip, ip6 }' : `tcp dport ${port}`;
  const back = port === undefined ? there : `tcp sport ${port}`;
  const rule = (source: string, target: string, what: string): string =>
    `add rule ${TABLE} cuts iifname "${source}" oifname "${target}" ${what} drop\n`;
  return rule(from, to, there) + rule(to, from, back);
}

const portOf = (names: LabNames, end: string): string => (end === 'machine' ? UPLINK_PORT : hostOf(names, end).host);

async function heal(names: LabNames): Promise<string> {
  await nft(names, `flush chain ${TABLE} cuts\n`);
  for (const host of knownHosts(names)) {
    await run('tc', ['-n', names.switchNetns, 'qdisc', 'del', 'dev', host.host, 'root']);
    freeHostDisk(host);
  }
  return 'paths, delays and disks are as they were';
}

async function delay(names: LabNames, host: HostNames, ms: number): Promise<string> {
  const netem = ['root', 'netem', 'delay', `${ms}ms`];
  const ran = await run('tc', ['-n', names.switchNetns, 'qdisc', 'replace', 'dev', host.host, ...netem]);
  if (/qdisc kind is unknown/.test(ran.stderr)) {
    const missing = 'this kernel has no netem queue (CONFIG_NET_SCH_NETEM), which a delay is made with';
    throw new LabError('LAB_NO_NETEM', missing, 'type: modprobe sch_netem, or use a kernel that has it');
  }
  if (ran.code !== 0) throw new LabError('LAB_HOST_DOWN', ran.stderr.trim(), `is ${host.host} up? see: lab status`);
  return `every packet to ${host.host} takes ${ms} ms longer`;
}

const nft = (names: LabNames, input: string): Promise<string> =>
  mustRun('ip', ['netns', 'exec', names.switchNetns, 'nft', '-f', '-'], { input });
