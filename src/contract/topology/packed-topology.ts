import { given } from './given.js';
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
  const { port, user, privateKeyFile, jump } = (first === undefined ? serverOf(settings.broker) : serverOf(first)).ssh;
  const leafSsh: PackedSsh = given({ port, user, privateKeyFile, jump });
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
    ssh: { address, ...given({ hostKey }), ...differing(ssh, common) },
    ...(name === `${leaf.name}-1` ? {} : { host: name }),
    ...(internalAddress === address ? {} : { internalAddress }),
    ...(externalAddress === address ? {} : { externalAddress }),
    ...(adopt ? { adopt } : {}),
  };
}

/** What a leaf has no value for, and the others have one, is written as this. */
const NONE = { port: 0, user: '', privateKeyFile: '', jump: [] } satisfies PackedSsh;

function differing({ port, user, privateKeyFile, jump }: PackedSsh, common: PackedSsh): PackedSsh {
  return given({
    port: port === common.port ? undefined : (port ?? NONE.port),
    user: user === common.user ? undefined : (user ?? NONE.user),
    privateKeyFile: privateKeyFile === common.privateKeyFile ? undefined : (privateKeyFile ?? NONE.privateKeyFile),
    jump: JSON.stringify(jump) === JSON.stringify(common.jump) ? undefined : (jump ?? NONE.jump),
  });
}

const withoutNone = ({ port, user, privateKeyFile, jump }: PackedSsh): PackedSsh =>
  given({
    port: port === NONE.port ? undefined : port,
    user: user === NONE.user ? undefined : user,
    privateKeyFile: privateKeyFile === NONE.privateKeyFile ? undefined : privateKeyFile,
    jump: jump?.length === 0 ? undefined : jump,
  });

function unpackLeaf(packed: PackedLeaf, common: PackedSsh): Cluster {
  const { name, host = `${name}-1`, adopt = false } = packed;
  const { address, hostKey } = packed.ssh;
  const ssh: Host['ssh'] = { address, ...given({ hostKey }), ...withoutNone({ ...common, ...packed.ssh }) };
  const { internalAddress = address, externalAddress = address } = packed;
  return {
    name,
    role: 'leaf',
    hosts: [
      {
        name: host,
        cluster: name,
        ssh,
        internalAddress,
        externalAddress,
        adopt,
      },
    ],
  };
}
