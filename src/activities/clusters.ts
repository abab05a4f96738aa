import { createHash } from 'node:crypto';
import { ProvisionError } from '../contract/errors.js';
import type { CheckResult } from '../contract/checks.js';
import type { ClusterPlan, PartRemoval, Step } from '../contract/plan.js';
import type { Scope } from '../contract/topology/scope.js';
import { isRenewal } from '../domain/pki/renewal.js';
import { missingParts, wantedParts } from '../domain/artifacts/missing.js';
import { awaitedOn, imagesOfAll, partsForRemoval, partsOf } from '../parts/list.js';
import { isAdopted, isRemovable } from '../parts/host/claim.js';
import { planRemoval } from '../parts/removal.js';
import type { Check } from '../parts/check.js';
import { awaitLogin } from '../parts/host/login.js';
import { digestOf, planParts } from '../parts/plan.js';
import { preflight } from '../parts/preflight.js';
import type { Ports } from '../parts/ports.js';
import { runChecks } from '../parts/run-checks.js';
import { Site } from '../parts/site.js';
import { guarded } from './activity.js';

export interface PlanClusterInput {
  scope: Scope;
  /** A host without a pinned key is trusted on first use, and the key is recorded. */
  trustOnFirstUse: boolean;
  /** Does not wait for a host that does not respond: it is looked at again later. */
  hasty?: true;
}

export interface CheckClusterInput {
  scope: Scope;
  /** A run that still works on leaves asks; statements about all of them are left out. */
  ofRun?: true;
  /** true: only those that a run starts soon; false: only the others. */
  soon?: boolean;
  /** Nothing was done to the system just now, so nothing in it has to start first. */
  standing?: true;
}

export interface CheckAheadInput {
  scope: Scope;
  /** As in the look that runs beside it. */
  trustOnFirstUse: boolean;
}

export type ClusterActivities = ReturnType<typeof clusterActivities>;

export const clusterActivities = (ports: Ports) => ({
  /** Looks at the host and at every part, and changes nothing. @throws ProvisionError with every problem of the host */
  'plan cluster': guarded(async ({ scope, trustOnFirstUse, hasty }: PlanClusterInput, work) => {
    const site = new Site(ports, scope, work);
    // Connects first, so that the clocks are compared on a warm connection.
    await (hasty === true ? site.run('true', { trustOnFirstUse }) : awaitLogin(site, { trustOnFirstUse }));
    return planCluster(site, trustOnFirstUse);
  }),

  /**
   * The source of artifacts is whole and has what the topology asks for. Once per run, with the hub's scope.
   * @throws ProvisionError BUNDLE_INVALID
   */
  'verify artifacts': guarded(({ scope }: { scope: Scope }, { signal }) => verifyArtifacts(ports, scope, signal)),

  /** One digest for the digests of all clusters, whatever order they come in. */
  'digest plan': guarded(({ digests }: { digests: readonly string[] }) =>
    Promise.resolve({
      digest: createHash('sha256')
        .update([...digests].sort().join('\n'))
        .digest('hex'),
    }),
  ),

  /**
   * What of the cluster is to be taken out, in reverse order. Without our claim there is nothing.
   * @throws ProvisionError HOST_LOCKED when the host belongs to another topology: nothing of it is touched; CLAIM_MISSING
   */
  'plan removal': guarded(async ({ scope }: { scope: Scope }, work): Promise<{ parts: PartRemoval[] }> => {
    const site = new Site(ports, scope, work);
    await awaitLogin(site);
    if (!(await isRemovable(site))) return { parts: [] };
    return { parts: planRemoval(partsForRemoval(scope), await isAdopted(site)) };
  }),

  'purge keys': guarded(async ({ topology }: { topology: string }): Promise<{ steps: Step[] }> => {
    const object = `keys of topology ${topology}`;
    return {
      steps: (await ports.secrets.purge(topology)) ? [{ verb: 'delete', object, because: '--purge was given' }] : [],
    };
  }),

  /** Runs the checks of all parts of the cluster. A check that does not hold is a result, not an error. */
  'check cluster': guarded(async (input: CheckClusterInput, work): Promise<{ results: CheckResult[] }> => {
    const { scope, standing = false } = input;
    return { results: await runChecks(new Site(ports, scope, work), checksOf(input), { standing }) };
  }),

  /** The slow checks of a cluster that is up already, beside the look at it. Without results: it is not up. */
  'check cluster ahead': guarded(async (input: CheckAheadInput, work): Promise<{ results?: CheckResult[] }> => {
    const { scope, trustOnFirstUse } = input;
    const checks = checksOf({ scope, soon: true });
    if (checks.length === 0) return { results: [] };
    const site = new Site(ports, scope, work);
    // Makes the connection as the look does: the first of the two makes it for both.
    await site.run('true', { trustOnFirstUse });
    return (await site.api()) === 'up' ? { results: await runChecks(site, checks) } : {};
  }),
});

function checksOf({ scope, ofRun, soon }: CheckClusterInput): Check[] {
  return partsOf(scope)
    .flatMap((part) => part.checks?.(scope) ?? [])
    .filter((each) => !(ofRun === true && each.ofFleet === true))
    .filter((each) => soon === undefined || soon === (each.soon === true));
}

async function planCluster(site: Site, trustOnFirstUse: boolean): Promise<ClusterPlan> {
  const parts = partsOf(site.scope);
  const { state, warnings, machine } = await preflight(site, parts, trustOnFirstUse);
  const planned = await planParts(site, parts, awaitedOn(site.scope));
  return {
    cluster: site.cluster,
    host: site.host.name,
    state,
    parts: planned,
    digest: digestOf(planned),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(machine === undefined ? {} : { machine }),
  };
}

async function verifyArtifacts({ bundles }: Ports, scope: Scope, signal: AbortSignal): Promise<void> {
  const { artifacts } = scope.settings;
  if (artifacts.from === 'releases' || isRenewal(scope)) return;
  const manifest = await bundles.verify(artifacts.folder, signal);
  const missing = missingParts(manifest, wantedParts(scope.settings, imagesOfAll(scope)));
  if (missing.length === 0) return;
  const message = missing.map((part) => `bundle "${manifest.name}": ${part}`).join('\n');
  throw new ProvisionError('BUNDLE_INVALID', message, 'use a bundle that has it');
}
