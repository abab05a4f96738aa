import type { InitOptions, NamedHost } from './options.js';
import type { Probed } from './probe.js';

export interface PlannedHost extends NamedHost {
  probed: Probed;
}

interface Plan {
  name: string;
  mode: InitOptions['mode'];
  key: string | undefined;
  hosts: readonly PlannedHost[];
}

/** YAML for a person to edit: what is set, and what else there is to set. */
export function renderTopology({ name, mode, key, hosts: [hub, ...leaves] }: Plan): string {
  return `# A topology of leafspan. Every field: docs/topology.md
apiVersion: leafspan/v1
name: ${text(name)}

# Cluster A: it runs the NATS broker.
broker:
${hub === undefined ? '' : indented(clusterLines(hub, key), 2)}
# Each runs a NATS leaf node.
leaves:
${leaves.map((leaf) => `  - ${indented(clusterLines(leaf, key), 4).trimStart()}`).join('')}
link:
  ${mode === 'mesh' ? 'mode: mesh # through Linkerd: mutual TLS of NATS and of Linkerd; direct: NATS mutual TLS only' : 'mode: direct # NATS mutual TLS only; mesh: through Linkerd'}

# nats:
#   accounts: [] # your own accounts, users and subjects: docs/accounts.md
# firewall: manage # open each host's own firewall for this, and close it at teardown: docs/firewall.md
# approvals: [messaging] # wait for a person before this phase
# artifacts:
#   bundle: ./bundle # for hosts without access to the public releases: docs/bundle.md
`;
}

function clusterLines({ cluster, address, user, port, probed }: PlannedHost, key: string | undefined): string[] {
  const { hostKey, internalAddress, problem } = probed;
  return [
    `name: ${text(cluster)}`,
    'hosts:',
    '  - ssh:',
    `      address: ${text(address)}`,
    ...(port === undefined ? [] : [`      port: ${port}`]),
    ...(user === undefined ? [] : [`      user: ${text(user)}`]),
    ...(key === undefined ? [] : [`      privateKeyFile: ${text(key)}`]),
    ...(hostKey === undefined
      ? []
      : [`      hostKey: ${hostKey} # compare: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`]),
    ...(problem === undefined ? [] : [`    # not probed: ${problem.split('\n')[0] ?? ''}`]),
    ...addressLines(address, internalAddress),
  ];
}

/** An address says where a host is; a name does not. */
function addressLines(address: string, internal: string | undefined): string[] {
  if (!IPV4.test(address)) {
    const known = internal ?? '# an IPv4 address is needed here';
    return [`    internalAddress: ${known}`, `    externalAddress: ${known}`];
  }
  return internal === undefined || internal === address ? [] : [`    internalAddress: ${internal}`];
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** JSON is YAML; what is plain stays plain. */
const text = (value: string): string =>
  /^[A-Za-z~/][\w./~-]*$/.test(value) || IPV4.test(value) ? value : JSON.stringify(value);

const indented = (lines: readonly string[], by: number): string =>
  lines.map((line) => `${' '.repeat(by)}${line}\n`).join('');
