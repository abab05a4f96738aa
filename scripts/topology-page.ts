/** The part of a JSON Schema that the topology's schema uses. */
export interface Field {
  $schema?: string;
  type?: string;
  description?: string;
  default?: unknown;
  const?: string;
  enum?: string[];
  anyOf?: Field[];
  items?: Field;
  properties?: Record<string, Field>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  patternErrorMessage?: string;
}

/** Sections in reading order: the heading, and the path of the object that it lists. */
const SECTIONS: readonly [heading: string, path: string][] = [
  ['The file', ''],
  ['broker, leaves[]', 'broker'],
  ['hosts[]', 'broker.hosts[]'],
  ['hosts[].ssh', 'broker.hosts[].ssh'],
  ['hosts[].ssh.jump[]', 'broker.hosts[].ssh.jump[]'],
  ['link', 'link'],
  ['link.gateway', 'link.gateway'],
  ['nats', 'nats'],
  ['nats.monitoring', 'nats.monitoring'],
  ['nats.jetstream', 'nats.jetstream'],
  ['nats.jetstream.broker, .leaf', 'nats.jetstream.broker'],
  ['nats.images', 'nats.images'],
  ['nats.accounts[]', 'nats.accounts[]'],
  ['nats.accounts[].users[]', 'nats.accounts[].users[]'],
  ['nats.accounts[].streams[]', 'nats.accounts[].streams[]'],
  ['nats.accounts[].exports[]', 'nats.accounts[].exports[]'],
  ['nats.accounts[].limits', 'nats.accounts[].limits'],
  ['k3s', 'k3s'],
  ['linkerd', 'linkerd'],
  ['artifacts', 'artifacts'],
];

const INTRODUCTION = `# Topology file

<!-- Generated from src/contract/topology/topology-schema.ts by: npm run docs:topology -->

A topology is one YAML file: a name, one \`broker\` cluster, one or more \`leaves\`. It holds no secret; it names key files.
Unknown fields are refused. All problems are reported at once, with line, column, path, value and what to do, before
anything is touched. \`npm run start -- plan -f topology.yaml\` checks the file and the hosts and changes nothing.

For completion in an editor, start the file with a line that names [topology.schema.json](topology.schema.json), as the
[example](topology.example.yaml) does.`;

const RULES = `## Rules across fields

- Each cluster has a name of its own; a leaf cannot have the broker's.
- A host (\`ssh.address\` and \`ssh.port\`, behind the same jump hosts) runs one cluster. Host names are unique.
- What \`ssh\` leaves out comes from \`~/.ssh/config\`: [ssh.md](ssh.md).
- If \`ssh.address\` is a name or an IPv6 address, \`internalAddress\` and \`externalAddress\` are required.
- \`link.mode: mesh\`, the default, needs Linkerd of \`linkerd.version\` from \`artifacts\`. Preflight refuses a bundle
  without it. What a bundle must contain: [bundle.md](bundle.md#what-a-provision-needs). The leaf hosts must reach the
  broker's host at 6443 and at both ports of the gateway: [mesh.md](mesh.md#ports).
- \`link.mode: direct\` has no \`gateway\`, and needs \`nats.edge\` \`nodePort\` or \`nginx\`.
- \`nats.monitoring\` needs \`nats.edge: nginx\`: [edge.md](edge.md). The community's \`ingress-nginx\` is refused.
- Accounts: names are unique, and so are the users of an account. \`at\` names places of the topology. A leaf cluster's
  subscription crosses its link as a whole or not at all, so it may not be wider than one of the account's \`subjects\`.
  More: [accounts.md](accounts.md).
- \`tools\` without a bundle names only helm, linkerd, nats and step: [bundle.md](bundle.md#tools).
- Streams: names are unique in an account; no two of them keep the same subject in one cluster; some user may publish on
  each subject; those of a cluster fit into its \`maxFile\`, copies included. A user reads streams that are kept where it
  connects. More: [streams.md](streams.md).
- \`artifacts\` has a \`bundle\` or a \`mirror\`, not both. With neither, the hosts download the public
  releases and compare them with the publisher's checksums.

Problems: [topology-invalid](troubleshooting.md#topology-invalid).`;

export function topologyPage(schema: Field, example: string): string {
  const sections = SECTIONS.map(([heading, path]) => `## ${heading}\n\n${table(at(schema, path))}`);
  return [INTRODUCTION, `## Example\n\n\`\`\`yaml\n${example.trim()}\n\`\`\``, ...sections, RULES].join('\n\n');
}

function at(schema: Field, path: string): Field {
  let field: Field | undefined = schema;
  for (const part of path.split('.').filter((name) => name !== '')) {
    field = field?.properties?.[part.replace('[]', '')];
    if (part.endsWith('[]')) field = field?.items;
  }
  if (field?.properties === undefined) throw new RangeError(`the schema has no object at "${path}"`);
  return field;
}

function table({ properties = {}, required = [] }: Field): string {
  const rows = Object.entries(properties).map(([name, field]) => {
    const cells = [`\`${name}\``, typeOf(field), defaultOf(field, required.includes(name)), meaningOf(field)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
  });
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function typeOf(field: Field): string {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.anyOf !== undefined) return field.anyOf.map(typeOf).join(' or ');
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.type === 'array') {
    const { minItems = 0, maxItems } = field;
    const count =
      maxItems === undefined ? '' : minItems === maxItems ? ` (${minItems})` : ` (${minItems} to ${maxItems})`;
    return `list${count} of ${field.items?.properties === undefined ? typeOf(field.items ?? {}) : 'objects'}`;
  }
  if (field.type === 'integer') return `integer, ${field.minimum ?? ''} to ${field.maximum ?? ''}`;
  return field.type ?? 'any';
}

function defaultOf(field: Field, required: boolean): string {
  if (required) return '**required**';
  const { default: value } = field;
  if (value === undefined || (typeof value === 'object' && JSON.stringify(value) === '{}')) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

const meaningOf = ({ description, patternErrorMessage, properties }: Field): string => {
  const known = [description, patternErrorMessage].filter((text) => text !== undefined);
  return known.length === 0 && properties !== undefined ? 'see its own table' : known.join('; ');
};
