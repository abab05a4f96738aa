// Who may import whom. Each folder has a closed list; test/architecture shows that each rule bites.

/** A folder of src may import, of src, itself and what is listed. */
const only = (folder, allowed, comment) => ({
  name: `${folder}-closed-list`,
  severity: 'error',
  comment,
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed.map((path) => `^src/${path}`)] },
});

/** Subjects of domain, each with those that it knows of. No circles: a subject stands below those that know it. */
const SUBJECTS = {
  checks: [],
  plan: [],
  secrets: [],
  accounts: [],
  topology: ['accounts', 'artifacts'],
  kubernetes: [],
  hosts: [],
  artifacts: ['hosts'],
  k3s: ['artifacts', 'hosts', 'kubernetes'],
  nats: ['accounts', 'checks', 'hosts', 'kubernetes'],
  pki: ['accounts', 'nats'],
  linkerd: ['artifacts', 'hosts', 'kubernetes', 'nats'],
  multicluster: ['kubernetes', 'linkerd', 'nats'],
  edge: ['artifacts', 'kubernetes', 'linkerd', 'nats'],
  diagnosis: ['hosts'],
  bench: ['hosts', 'nats'],
};

const subjectOnly = (subject, needed) => ({
  name: `domain-${subject}-closed-list`,
  severity: 'error',
  comment: 'a new arrow between subjects is a decision',
  from: { path: `^src/domain/${subject}/` },
  to: { path: '^src/domain/', pathNot: [subject, ...needed].map((name) => `^src/domain/${name}/`) },
});

/** A module comes in as a type or at the moment when it is needed. */
const late = { dependencyTypesNot: ['type-only', 'dynamic-import'] };

module.exports = {
  forbidden: [
    only('contract', [], 'the wire knows nothing of who speaks over it'),
    only('domain', ['contract/'], 'knowledge: no I/O, nobody who does any'),
    ...Object.entries(SUBJECTS).map(([subject, needed]) => subjectOnly(subject, needed)),
    {
      name: 'domain-subjects-listed',
      severity: 'error',
      comment: 'a new subject says what it needs',
      from: { path: '^src/domain/', pathNot: Object.keys(SUBJECTS).map((name) => `^src/domain/${name}/`) },
      to: {},
    },
    only('workflows', ['contract/', 'domain/', 'activities/activities'], 'the order of the work, and nothing else'),
    only('parts', ['contract/', 'domain/'], 'ports are passed in'),
    only('activities', ['contract/', 'domain/', 'parts/'], 'ports are passed in'),
    only('doctor', ['contract/', 'domain/', 'parts/'], 'ports are passed in; it looks without a workflow'),
    only('bench', ['contract/', 'domain/', 'parts/'], 'ports are passed in; it measures without a workflow'),
    only(
      'adapters',
      [
        'contract/',
        'domain/(topology|artifacts|kubernetes|pki|secrets|hosts/(checksum|paths|quote)|nats/streams)',
        'parts/ports',
        'local/',
      ],
      'decides nothing',
    ),
    only('codec', ['contract/', 'local/'], 'between the SDK and a Temporal server; knows nothing of what it encrypts'),
    only('report', ['contract/', 'domain/'], 'draws what others have seen; asks no one'),
    only('local', ['contract/'], 'this machine: state directory, locks, processes, files; knows nothing of the work'),
    only(
      'workers',
      ['contract/', 'activities/', 'parts/ports', 'adapters/', 'local/', 'codec/'],
      'the one place that wires adapters',
    ),
    only(
      'starters',
      [
        'contract/',
        'domain/(topology|accounts|artifacts|checks|hosts/(firewall|paths|quote)|nats/names|pki|diagnosis|secrets/redact|k3s/(kubeconfigs|certificates)|linkerd/webhooks)',
        'doctor/',
        'bench/',
        'report/',
        'codec/',
        'workers/wiring',
        'lab/',
        'local/',
        'adapters/(secret-store|ssh|bundle|releases|cert-mint/(pkcs12|read-pkcs12|signature))',
      ],
      'a client: it starts, asks and renders; keys and kubeconfigs it reads for their owner, bundles it makes and checks',
    ),
    only(
      'lab',
      ['contract/', 'domain/artifacts/', 'local/', 'adapters/releases/image-archive'],
      'makes hosts and their bundle; to all others they are ordinary hosts',
    ),
    {
      name: 'lab-from-machine-to-hosts',
      severity: 'error',
      comment: 'this machine and its network are there before hosts are',
      from: { path: '^src/lab/(machine|network)/' },
      to: { path: '^src/lab/(hosts|faults|bundle)/' },
    },
    {
      name: 'wiring-for-what-looks-only',
      severity: 'error',
      comment: 'every other command asks a worker, whose work survives the command',
      from: { path: '^src/starters/', pathNot: '^src/starters/commands/(doctor|bench)/' },
      to: { path: '^src/(doctor|bench|workers)/' },
    },
    {
      name: 'workflow-sees-activity-types-only',
      severity: 'error',
      comment: 'a value import would pull Node code into the sandbox',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapter-sees-port-types-only',
      severity: 'error',
      comment: 'an adapter implements a port; it does not call parts',
      from: { path: '^src/adapters/' },
      to: { path: '^src/parts/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-apart',
      severity: 'error',
      comment: 'adapters meet in workers/wiring.ts',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'no-node-in-the-sandbox',
      severity: 'error',
      comment: 'contract, domain and workflows run in the workflow sandbox',
      from: { path: '^src/(contract|domain|workflows)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-parsers-in-the-sandbox',
      severity: 'error',
      comment: 'zod and yaml stay where files are parsed: they keep state at top level and cost start-up time',
      from: {
        path: '^src/(contract|domain|workflows)/',
        pathNot:
          '^src/(contract/topology/(topology-schema|accounts-schema|streams-schema|nats-schema|scope-schema)|domain/(topology/(parse|fields)|artifacts/bundle-manifest|kubernetes/manifest-file))\\.ts$',
      },
      to: { path: 'node_modules/(zod|yaml)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflow-imports-no-parser',
      severity: 'error',
      comment: 'the parsing half of domain stays out of the bundle',
      from: { path: '^src/workflows/' },
      to: {
        path: '^src/(contract/topology/(topology-schema|accounts-schema|streams-schema|nats-schema|scope-schema)|domain/(topology/(parse|fields|rules|normalize)|artifacts/bundle-manifest))\\.ts$',
        ...late,
      },
    },
    {
      name: 'temporal-by-folder',
      severity: 'error',
      comment: 'domain and adapters know no Temporal',
      from: { path: '^src/(domain|adapters|lab|local|doctor|bench|report)/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'worker-library-in-workers',
      severity: 'error',
      comment: 'it loads native code',
      from: { path: '^src/', pathNot: '^src/workers/' },
      to: { path: 'node_modules/@temporalio/worker/' },
    },
    {
      name: 'kubernetes-client-in-its-adapter',
      severity: 'error',
      comment: 'slow to load; all others may use its types',
      from: { path: '^src/', pathNot: '^src/adapters/kubernetes/' },
      to: { path: 'node_modules/@kubernetes/client-node/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'starters-load-late',
      severity: 'error',
      comment:
        'status answers in less than a second: lab, adapters, locks and the schema come when a command needs them',
      from: { path: '^src/starters/' },
      to: {
        path: '^src/(lab|adapters|doctor|bench|workers|local/lock|contract/topology/(topology-schema|accounts-schema|streams-schema|nats-schema|scope-schema)|domain/(topology/(parse|fields)|artifacts/bundle-manifest))',
        ...late,
      },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'of two modules that know each other neither can be understood alone',
      from: { path: '^src/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Type-only imports count: without it they vanish.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
