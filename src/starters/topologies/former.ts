import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hostsOf, routeText, type Cluster, type Topology } from '../../contract/topology/topology.js';
import { writeWhole } from '../../local/atomic-file.js';
import { readJsonFile } from '../../local/json.js';
import type { Context } from '../context.js';
import { commandLine } from '../invocation.js';
import { say } from '../io.js';

/** Leaves that were provisioned from this machine, left the topology's file, and were not torn down. */
const fileOf = (stateDir: string, topology: string): string =>
  join(stateDir, 'topologies', topology, 'former-leaves.json');

/**
 * @param current what the file says now: a leaf that is in it again, or whose host serves another cluster, is no former one,
 *   since its removal would take a live system
 */
export async function formerLeaves(stateDir: string, current: Topology): Promise<Cluster[]> {
  const file = fileOf(stateDir, current.name);
  if (!existsSync(file)) return [];
  const { clustersSchema } = await import('../../contract/topology/scope-schema.js');
  // JSON has no undefined fields.
  return without(readJsonFile(file, clustersSchema) as Cluster[], current);
}

const without = (leaves: readonly Cluster[], current: Topology): Cluster[] => {
  const names = new Set(current.leaves.map(({ name }) => name));
  const addresses = new Set(hostsOf(current).flatMap(addressesOf));
  return leaves.filter(
    ({ name, hosts }) => !names.has(name) && !hosts.flatMap(addressesOf).some((address) => addresses.has(address)),
  );
};

const addressesOf = ({ ssh, externalAddress, internalAddress }: Cluster['hosts'][number]): string[] => [
  routeText(ssh),
  `${externalAddress} ${internalAddress}`,
];

/** Adds the leaves of the topology that was provisioned before and that are not in this one. */
export async function keepFormerLeaves(stateDir: string, current: Topology, before?: Topology): Promise<void> {
  const known = await formerLeaves(stateDir, current);
  const left = without(before?.leaves ?? [], current).filter(({ name }) => !known.some((leaf) => leaf.name === name));
  if (left.length > 0) await write(stateDir, current.name, [...known, ...left]);
}

/** Their removal was proven. */
export async function forgetFormerLeaves(
  stateDir: string,
  current: Topology,
  removed: readonly string[],
): Promise<void> {
  const known = await formerLeaves(stateDir, current);
  if (known.some(({ name }) => removed.includes(name)))
    await write(
      stateDir,
      current.name,
      known.filter(({ name }) => !removed.includes(name)),
    );
}

const write = (stateDir: string, topology: string, leaves: readonly Cluster[]): Promise<void> =>
  writeWhole(fileOf(stateDir, topology), JSON.stringify(leaves, undefined, 2));

export const withFormerLeaves = (topology: Topology, former: readonly Cluster[]): Topology => ({
  ...topology,
  leaves: [...topology.leaves, ...former],
});

/** Says which hosts still carry what nobody asks for any more. */
export async function tellFormerLeaves({ io, settings, style }: Context, topology: Topology): Promise<void> {
  const former = await formerLeaves(settings.stateDir, topology);
  for (const { name, hosts } of former)
    say(
      io,
      `${style.yellow('!')} ${name} on ${hosts.map((host) => host.name).join(', ')} left the topology and was not torn down; ` +
        `to remove it: ${commandLine(`teardown ${topology.name} --only ${name}`)}`,
    );
}
