import { hostOf } from '../hosts/known.js';
import { mustRun } from '../machine/run-command.js';
import type { LabNames } from '../names.js';
import { TABLE, UPLINK_PORT } from '../network/switch.js';

export async function cut(names: LabNames, fault: { from: string; to: string; port?: number }): Promise<string> {
  await nft(names, cutRules(portOf(names, fault.from), portOf(names, fault.to), fault.port));
  const port = fault.port === undefined ? '' : `:${fault.port}`;
  return `${fault.from} and ${fault.to}${port} no longer hear each other`;
}

/**
 * Both ways, packet by packet, whether a connection is new or open. With a port: what `from` sends to that TCP port of `to`,
 * and what comes back from it. The ports of the switch decide, so that it also holds for what a pod sends under whatever
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

export const healCuts = (names: LabNames): Promise<string> => nft(names, `flush chain ${TABLE} cuts\n`);

const nft = (names: LabNames, input: string): Promise<string> =>
  mustRun('ip', ['netns', 'exec', names.switchNetns, 'nft', '-f', '-'], { input });
