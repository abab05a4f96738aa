import { isProvisionError, ProvisionError } from '../contract/errors.js';
import type { HostState, Warning } from '../contract/plan.js';
import { RELEASES_MB, roomForMb } from '../domain/artifacts/room.js';
import { innerOpenings } from '../domain/hosts/firewall/openings.js';
import { hostState, parseFacts, type HostFacts } from '../domain/hosts/facts.js';
import { inspectScript } from '../domain/hosts/inspect.js';
import { networkProblems, type InnerRange } from '../domain/hosts/network-problems.js';
import { problemsOf, type HostRefusal } from '../domain/hosts/problems.js';
import type { ReachTarget } from '../domain/hosts/reach.js';
import { warningsOf } from '../domain/hosts/warnings.js';
import { configurationProblems } from '../domain/k3s/configuration-problems.js';
import { subjectsOf } from '../domain/nats/accounts-conf.js';
import { LOCAL_PATH, roomWarnings, type Store } from '../domain/nats/streams/room.js';
import type { Scope } from '../contract/topology/scope.js';
import type { Part } from './part.js';
import { installationOf } from './pki/installation.js';
import { isRenewal } from '../domain/pki/renewal.js';
import type { Site } from './site.js';

/** What a fit host is. */
export interface Fit {
  state: HostState;
  warnings: Warning[];
  machine: string | undefined;
}

/** Looks at the host once. @throws ProvisionError with every problem of the host */
export async function preflight(site: Site, parts: readonly Part[], trustOnFirstUse: boolean): Promise<Fit> {
  const [facts, forwarding] = await Promise.all([inspect(site, parts, trustOnFirstUse), forwardingProblems(site)]);
  const { topology, host, scope } = site;
  const { k3s, firewall } = scope.settings;
  const [installation, writtenMb] = await Promise.all([
    installationOf(site.ports.secrets, topology),
    roomFor(site, facts.arch),
  ]);
  const ranges: InnerRange[] = [
    { field: 'k3s.clusterCidr', cidr: k3s.clusterCidr },
    { field: 'k3s.serviceCidr', cidr: k3s.serviceCidr },
  ];
  const seen = firewall === 'manage' ? withOpenPorts(facts) : facts;
  refuseUnfit(site, [
    ...problemsOf(seen, host, { topology, cluster: site.cluster, installation }, writtenMb),
    ...networkProblems(facts, host, ranges),
    ...configurationProblems(facts, host, k3s, { localStorage: storeOf(scope)?.storageClass === LOCAL_PATH }),
    ...forwarding,
  ]);
  const state = hostState(facts, topology);
  return {
    state,
    warnings: [
      ...warningsOf(facts, { ranges, openings: innerOpenings(k3s), firewall }, state),
      ...(state === 'ours' ? [] : roomWarnings(facts, storeOf(scope))),
    ],
    machine: facts.machine,
  };
}

/** Where the cluster keeps streams; undefined: nowhere. */
function storeOf({ settings: { nats }, cluster: { role } }: Scope): Store | undefined {
  const { jetstream } = subjectsOf(nats);
  return jetstream && { maxFile: jetstream[role].maxFile, storageClass: jetstream.storageClass };
}

/** What the hub's firewall closes is opened by its own part, before anything here dials it. */
const withOpenPorts = (facts: HostFacts): HostFacts => ({
  ...facts,
  reach: facts.reach.filter(({ state }) => state !== 'filtered'),
});

async function inspect(site: Site, parts: readonly Part[], trustOnFirstUse: boolean): Promise<HostFacts> {
  const ports = parts.flatMap((part) => part.listens?.(site.scope) ?? []);
  const reach = parts.flatMap((part) => part.dials?.(site.scope) ?? []);
  const beforeMs = site.clock.now();
  const output = await site.print(inspectScript(ports, reach), { trustOnFirstUse });
  const facts = parseFacts(site.host, output, { beforeMs, afterMs: Math.min(site.clock.now(), beforeMs + 1_000) });
  return { ...facts, reach: facts.reach.map((seen) => ({ ...reach.find((target) => isTo(seen, target)), ...seen })) };
}

const isTo = (one: ReachTarget, other: ReachTarget): boolean =>
  one.address === other.address && one.port === other.port;

async function roomFor({ ports, scope }: Site, arch: string): Promise<number> {
  const { artifacts } = scope.settings;
  if (isRenewal(scope)) return 0;
  if (artifacts.from === 'releases') return RELEASES_MB;
  return roomForMb(await ports.bundles.manifest(artifacts.folder), arch);
}

/** The API server of a host is reached through its sshd only. */
async function forwardingProblems({ ports, host, call }: Site): Promise<HostRefusal[]> {
  try {
    await ports.hosts.checkForwarding(host, call);
    return [];
  } catch (error) {
    if (!isProvisionError(error) || error.code !== 'SSH_FORWARDING_FORBIDDEN') throw error;
    return [{ code: error.code, message: error.message, remedy: error.hint ?? 'set AllowTcpForwarding yes' }];
  }
}

function refuseUnfit({ host }: Site, problems: readonly HostRefusal[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const message = problems.map((problem) => problem.message).join('\n');
  const remedy = problems.map((problem) => problem.remedy).join('\n');
  throw new ProvisionError(first.code, message, remedy, { host: host.name });
}
