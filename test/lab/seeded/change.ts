/** Something that a person did by hand, and all that is then to be done about it. */
export interface SeededChange {
  name: string;
  /** machine: in the directory of the topology's certificates and keys on this machine. */
  on: 'vm-a' | 'vm-b' | 'machine';
  /** Executed as root; `k` is kubectl. */
  break: string;
  /** Each as `<cluster> <part>: <verb> <object>`. */
  steps: string[];
}

type Seeded = (name: string, script: string, ...steps: string[]) => SeededChange;

const onHost =
  (on: SeededChange['on'], cluster: string): Seeded =>
  (name, script, ...steps) => ({ name, on, break: script, steps: steps.map((step) => `${cluster} ${step}`) });

export const onHub = onHost('vm-a', 'cluster-a');
export const onLeaf = onHost('vm-b', 'cluster-b');

/** Its steps name their clusters. */
export const inStore: Seeded = (name, script, ...steps) => ({ name, on: 'machine', break: script, steps });

export const patch = (object: string, change: object, namespace = 'nats-system'): string =>
  `k -n ${namespace} patch ${object} --type merge -p '${JSON.stringify(change)}'`;

/** By path: the only way to change an item of a list. */
export const replace = (object: string, path: string, value: unknown, namespace = 'nats-system'): string =>
  `k -n ${namespace} patch ${object} --type json -p '${JSON.stringify([{ op: 'replace', path, value }])}'`;

export const remove = (object: string, namespace = 'nats-system'): string => `k -n ${namespace} delete ${object}`;
