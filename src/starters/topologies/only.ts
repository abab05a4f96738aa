import type { ProvisionError } from '../../contract/errors.js';
import type { Topology } from '../../contract/topology/topology.js';
import { usage } from '../failure.js';
import { listed } from '../runs/names.js';
import { closest } from '../../domain/topology/closest.js';

/** The leaves that `--only` names, in the topology's order; undefined: all. @throws ProvisionError USAGE */
export function onlyOf(topology: Topology, names: readonly string[] | undefined): readonly string[] | undefined {
  if (names === undefined) return undefined;
  const leaves = topology.leaves.map(({ name }) => name);
  const unknown = names.find((name) => !leaves.includes(name));
  if (unknown !== undefined) throw notALeaf(unknown, topology, leaves);
  return leaves.filter((leaf) => names.includes(leaf));
}

function notALeaf(name: string, { name: topologyName, broker }: Topology, leaves: readonly string[]): ProvisionError {
  if (name === broker.name) return usage(`--only: "${name}" is the hub`, `name leaves: ${listed(leaves)}`);
  if (name === topologyName)
    return usage(`--only: "${name}" is the topology, not a leaf`, 'name the topology before --only');
  const near = closest(name, leaves);
  return usage(
    `--only: topology "${topologyName}" has no leaf "${name}"`,
    near === undefined ? `its leaves are: ${listed(leaves)}` : `did you mean "${near}"?`,
  );
}

/** The input, with the leaves that it is limited to. */
export const limitedTo = <Input extends object>(
  input: Input,
  only: readonly string[] | undefined,
): Input & { only?: readonly string[] } => (only === undefined ? input : { ...input, only });
