import { serverOf, type Cluster, type Host, type Topology } from './topology.js';

/**
 * A topology as it travels to a workflow: a leaf is written as what differs from the defaults and from the first leaf, so
 * that 1,000 leaves fit into one payload of 256 KB.
 */
export interface PackedTopology extends Omit<Topology, 'leaves'> {
  /** What the leaves have in common, as the first one has it. */
  leafSsh: PackedSsh;
  leaves: readonly PackedLeaf[];
}

type PackedSsh = Omit<Host['ssh'], 'address' | 'hostKey'>;

export interface PackedLeaf extends Partial<Pick<Host, 'internalAddress' | 'externalAddress' | 'adopt'>> {
  name: string;
  /** Default: `<name>-1`. */
  host?: string;
  /** What differs from `leafSsh`, with the address. */
  ssh: Partial<Host['ssh']> & { address: string };
}

export function packTopology({ leaves, ...settings }: Topology): PackedTopology {
  const [first] = leaves;
  const { port, user, privateKeyFile } = first === undefined ? serverOf(settings.broker).ssh : serverOf(first).ssh;
  const leafSsh: PackedSsh = { port, user, ...given({ privateKeyFile }) };
  return { ...settings, leafSsh, leaves: leaves.map((leaf) => packLeaf(leaf, leafSsh)) };
}

export const unpackTopology = ({ leaves, leafSsh, ...settings }: PackedTopology): Topology => ({
  ...settings,
  leaves: leaves.map((leaf) => unpackLeaf(leaf, leafSsh)),
});

function packLeaf(leaf: Cluster, common: PackedSsh): PackedLeaf {
  const { name, ssh, internalAddress, externalAddress, adopt } = serverOf(leaf);
  const { address, hostKey } = ssh;
  return {
    name: leaf.name,
    ssh: {
      address,
      ...given({ hostKey }),
      ...(ssh.port === common.port ? {} : { port: ssh.port }),
      ...(ssh.user === common.user ? {} : { user: ssh.user }),
      // An agent's key is written as an empty name where the others have a file.
      ...(ssh.privateKeyFile === common.privateKeyFile ? {} : { privateKeyFile: ssh.privateKeyFile ?? '' }),
    },
    ...(name === `${leaf.name}-1` ? {} : { host: name }),
    ...(internalAddress === address ? {} : { internalAddress }),
    ...(externalAddress === address ? {} : { externalAddress }),
    ...(adopt ? { adopt } : {}),
  };
}

function unpackLeaf(packed: PackedLeaf, common: PackedSsh): Cluster {
  const { name, host = `${name}-1`, adopt = false } = packed;
  const { privateKeyFile, ...ssh } = { ...common, ...packed.ssh };
  const { internalAddress = ssh.address, externalAddress = ssh.address } = packed;
  return {
    name,
    role: 'leaf',
    hosts: [
      {
        name: host,
        cluster: name,
        ssh: { ...ssh, ...(privateKeyFile === undefined || privateKeyFile === '' ? {} : { privateKeyFile }) },
        internalAddress,
        externalAddress,
        adopt,
      },
    ],
  };
}

/** Without the fields that have no value: `exactOptionalPropertyTypes` distinguishes the two. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
