import type { Host, K3sSettings } from '../../contract/topology/topology.js';
import type { DropInLine, HostFacts } from '../hosts/facts.js';
import type { HostRefusal } from '../hosts/problems.js';
import { renderK3sConfig } from './config.js';
import { settingsIn, type Setting } from './flat-yaml.js';

/**
 * What the configuration that is on the host forbids. The one of a K3s that stays as it is does not matter.
 * @param localStorage volumes of the StorageClass local-path are needed
 */
export function configurationProblems(
  facts: HostFacts,
  host: Host,
  settings: K3sSettings,
  { localStorage = false } = {},
): HostRefusal[] {
  if (host.adopt || (facts.claim.state === 'held' && facts.claim.claim.adopted)) return [];
  const wanted = settingsIn(renderK3sConfig(host, settings).split('\n'));
  return [
    ...settledOtherwise(facts, wanted),
    ...ofOtherVersion(facts, settings.version),
    ...contradicted(facts.dropIns, wanted),
    ...unfit(facts.dropIns),
    ...fromEnvironment(facts),
    ...(localStorage ? withoutStorage(facts.dropIns) : []),
  ];
}

const REMOVE_LINE = 'remove the line; what leafspan sets belongs into the topology';

/** Settings that a cluster keeps from its first start on, each with its field of the topology. */
const SETTLED: Readonly<Record<string, string>> = {
  'node-name': "the host's name",
  'cluster-cidr': 'k3s.clusterCidr',
  'service-cidr': 'k3s.serviceCidr',
};

const valueOf = (settings: readonly Setting[], key: string): string | undefined =>
  settings.find((setting) => setting.key === key)?.values[0];

/** Nodes and Services keep their names and addresses: K3s crashes, or lives on with both the old and the new ones. */
function settledOtherwise({ claim, k3sConfig, k3sData }: HostFacts, wanted: readonly Setting[]): HostRefusal[] {
  if (claim.state !== 'held' || k3sData.length === 0) return [];
  const created = settingsIn(k3sConfig);
  return Object.entries(SETTLED).flatMap(([key, field]) => {
    const [was, is] = [valueOf(created, key), valueOf(wanted, key)];
    if (was === undefined || is === undefined || was === is) return [];
    return [
      {
        code: 'PREFLIGHT_FAILED',
        message: `${field}: "${is}" — it was ${was} when the cluster was created, and cannot change`,
        remedy: `set it back to ${was}, or tear the cluster down first`,
      },
    ];
  });
}

/** Another binary would upgrade or downgrade every cluster at once, without a way back for its datastore. */
function ofOtherVersion({ claim, k3sData, k3sVersion }: HostFacts, version: string): HostRefusal[] {
  if (claim.state !== 'held' || k3sData.length === 0 || k3sVersion === undefined || k3sVersion === version) return [];
  return [
    {
      code: 'K3S_VERSION_DIFFERS',
      message: `k3s.version: "${version}" — the cluster runs ${k3sVersion}, and leafspan does not upgrade K3s yet`,
      remedy: `set k3s.version: ${k3sVersion}, or tear the cluster down first`,
    },
  ];
}

/** Settings that leafspan leaves as K3s has them, and relies on. */
const RELIED_ON: Readonly<Record<string, string>> = {
  'https-listen-port': '6443',
  'data-dir': '/var/lib/rancher/k3s',
  'cluster-domain': 'cluster.local',
  'disable-agent': 'false',
  'disable-kube-proxy': 'false',
};

/** K3s merges these files over its own, key by key; with a `+` at its end a key adds to what is there. */
const contradicted = (lines: readonly DropInLine[], wanted: readonly Setting[]): HostRefusal[] =>
  byFile(lines).flatMap(({ file, settings }) =>
    settings.flatMap(({ key, values }) => {
      const needed = wanted.find((setting) => setting.key === key)?.values ?? listOf(RELIED_ON[key]);
      if (needed.every((value) => values.includes(value))) return [];
      return [
        {
          code: 'PREFLIGHT_FAILED',
          message: `${file}: ${key} is "${values.join(', ')}", and leafspan needs "${needed.join(', ')}"`,
          remedy: REMOVE_LINE,
        },
      ];
    }),
  );

/** Settings with which K3s would use the datastore or the cluster of others, or be without what pods need. */
const UNFIT: readonly (readonly [key: RegExp, values: RegExp])[] = [
  [/^(datastore-endpoint|server|container-runtime-endpoint)$/, /./],
  [/^(disable-apiserver|disable-controller-manager|disable-scheduler|docker|rootless)$/, /^true$/],
  [/^flannel-backend$/, /^none$/],
  [/^disable\+?$/, /^coredns$/],
];

const unfit = (lines: readonly DropInLine[]): HostRefusal[] =>
  byFile(lines).flatMap(({ file, settings }) =>
    settings.flatMap(({ key, values }) => {
      const value = values.find((each) => UNFIT.some(([name, bad]) => name.test(key) && bad.test(each)));
      // The address of a datastore has a password in it.
      const what = value === undefined || key === 'datastore-endpoint' ? key : `${key}: ${value}`;
      return value === undefined ? [] : [notWith(`${file}: ${what}`)];
    }),
  );

const notWith = (what: string): HostRefusal => ({
  code: 'PREFLIGHT_FAILED',
  message: `${what} — with it K3s is no server of its own that leafspan can use`,
  remedy: REMOVE_LINE,
});

/** A variable of the unit counts like an argument, which comes before every file. */
const fromEnvironment = ({ k3sVariables }: HostFacts): HostRefusal[] =>
  k3sVariables.map(({ file, name }) => ({
    code: 'PREFLIGHT_FAILED',
    message: `${file}: ${name} is set, and K3s would take it over its configuration`,
    remedy: REMOVE_LINE,
  }));

const byFile = (lines: readonly DropInLine[]): { file: string; settings: Setting[] }[] =>
  [...new Set(lines.map(({ file }) => file))].map((file) => ({
    file,
    settings: settingsIn(lines.filter((line) => line.file === file).map(({ line }) => line)),
  }));

/** A volume of a class that is not there is waited for without an end. */
const withoutStorage = (lines: readonly DropInLine[]): HostRefusal[] =>
  byFile(lines).flatMap(({ file, settings }) =>
    settings.some(({ key, values }) => /^disable\+?$/.test(key) && values.includes('local-storage'))
      ? [
          {
            code: 'PREFLIGHT_FAILED' as const,
            message: `${file}: local-storage is disabled, and streams need volumes of the StorageClass local-path`,
            remedy: 'remove the line, or name another class in nats.jetstream.storageClass',
          },
        ]
      : [],
  );

const listOf = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
