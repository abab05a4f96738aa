import { ProvisionError } from '../../contract/errors.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import type { Step } from '../../contract/plan.js';
import { hostOf } from '../../contract/topology/scope.js';
import { claimRefusal, parseClaim, releaseScript, writeClaimScript, type ClaimSeen } from '../../domain/hosts/claim.js';
import { CLAIM_FILE, HOST_DIRECTORY, K3S_CONFIG_FILE } from '../../domain/hosts/paths.js';
import { notAdoptable, notOurs, type HostRefusal } from '../../domain/hosts/problems.js';
import { quote } from '../../domain/hosts/quote.js';
import { recordScript } from '../../domain/k3s/before/record.js';
import { k3sTracesScript, ownK3sScript } from '../../domain/k3s/api-state.js';
import { NATS_NAMESPACE } from '../../domain/nats/names.js';
import { part, touching } from '../part.js';
import { installationOf } from '../pki/installation.js';
import { NATS_CA } from '../../domain/pki/profiles.js';
import { seeMachine } from '../machine.js';
import type { Site } from '../site.js';
import { removeFiles, seeInventory, stepsToRemove } from './inventory.js';

/** The host's claim. @throws ProvisionError with the code of a ClaimRefusal when it is not ours */
export const seeClaim = (site: Site): Promise<ClaimSeen> =>
  site.once('claim', async () => {
    const [printed, installation] = await Promise.all([
      seeMachine(site),
      installationOf(site.ports.secrets, site.topology),
    ]);
    const seen = parseClaim(printed);
    const refusal = claimRefusal(seen, { topology: site.topology, cluster: site.cluster, installation });
    if (refusal !== undefined) throw refused(site, refusal);
    return seen;
  });

/** Whether we have claimed the host: only then is anything on it ours to remove. @throws as seeClaim */
export const isClaimed = async (site: Site): Promise<boolean> => (await seeClaim(site)).state === 'held';

/**
 * Before something is put on a host: a teardown of another machine may have released it since the run claimed it.
 * @throws ProvisionError CLAIM_MISSING, and as seeClaim
 */
export async function mustBeClaimed(site: Site): Promise<void> {
  if (await isClaimed(site)) return;
  throw refused(site, {
    code: 'CLAIM_MISSING',
    message: 'is not claimed any more: a teardown, of another machine with the same keys, has released it',
    remedy: `find out who else works on topology "${site.topology}"; then provision again`,
  });
}

/**
 * Whether there may be something to remove. Without our claim the host is bare or not ours, unless leafspan's own work is
 * on it: to say that nothing is there would be wrong, and its keys would be purged.
 * @throws ProvisionError CLAIM_MISSING, and as seeClaim
 */
export async function isRemovable(site: Site): Promise<boolean> {
  if (await isClaimed(site)) return true;
  const found = [(await site.print(ownK3sScript)).trim(), await ownNamespace(site)].filter((text) => text !== '');
  if (found.length === 0) return false;
  const claimed = JSON.stringify({ topology: site.topology, adopted: found[0] !== K3S_CONFIG_FILE });
  throw refused(site, {
    code: 'CLAIM_MISSING',
    message: `has what leafspan made, and no claim: ${found.join(', ')}`,
    remedy: `if the host is topology "${site.topology}"'s, on it: sudo mkdir -p ${HOST_DIRECTORY}; echo ${quote(claimed)} | sudo tee ${CLAIM_FILE}; then tear down again`,
  });
}

async function ownNamespace(site: Site): Promise<string> {
  const kube = await site.kubeIfUp();
  const namespace = await kube?.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NATS_NAMESPACE } });
  return namespace?.metadata?.labels?.[OWNER_LABEL] === FIELD_MANAGER ? `Namespace/${NATS_NAMESPACE}` : '';
}

/** Whether the host's K3s was there before us, so that it stays as it is. The claim says so, or will. */
export const isAdopted = async (site: Site): Promise<boolean> => {
  const seen = await seeClaim(site);
  return seen.state === 'held' ? seen.claim.adopted : site.host.adopt && (await site.api()) === 'up';
};

interface Facts {
  claim: ClaimSeen;
  installation: string | undefined;
  adopted: boolean;
  /** Files of the inventory that are on the host; looked up for a removal only. */
  files: string[];
}

/** Whose the host is. It comes before anything else on the host, and goes last. */
export const claim = part({
  name: 'claim',
  title: 'claim the host',
  phase: 'clusters',
  needs: ['certificates'],
  livesIn: 'host',

  wanted: (scope) => ({ topology: scope.settings.name, cluster: scope.cluster.name, adopt: hostOf(scope).adopt }),

  look: async (site, { adopt }, goal): Promise<Facts> => {
    const [seen, installation] = await Promise.all([seeClaim(site), installationOf(site.ports.secrets, site.topology)]);
    if (goal === 'absent') return { claim: seen, installation, adopted: false, files: await seeInventory(site) };
    if (installation === undefined) site.unissued.push(NATS_CA);
    if (seen.state === 'none') await refuseKubernetes(site, adopt);
    return { claim: seen, installation, adopted: await isAdopted(site), files: [] };
  },

  decide: (facts, { topology, cluster }) => {
    const machine = machineOf(facts.claim);
    const diff = [
      `topology: ${topology}`,
      `cluster: ${cluster}`,
      `installation: ${facts.installation === undefined ? '(not issued yet)' : `sha256:${facts.installation}`}`,
      ...(machine === undefined ? [] : [`machine: ${machine}`]),
      `adopted: ${facts.adopted}`,
    ];
    if (facts.claim.state !== 'held')
      return [{ verb: 'create', object: CLAIM_FILE, because: 'the host is not claimed', diff }];
    if (facts.claim.form === 'old')
      return [{ verb: 'change', object: CLAIM_FILE, because: 'it has the form of an earlier version', diff }];
    if (facts.claim.claim.installation === undefined)
      return [{ verb: 'change', object: CLAIM_FILE, because: 'it does not name the installation', diff }];
    const { claim: held } = facts.claim;
    if (held.cluster === undefined || (held.machine === undefined && machine !== undefined))
      return [{ verb: 'change', object: CLAIM_FILE, because: 'it does not name cluster and machine', diff }];
    return [];
  },

  undo: ({ claim: seen, files }): Step[] =>
    seen.state === 'held'
      ? [...stepsToRemove(files), { verb: 'delete', object: HOST_DIRECTORY, because: 'leafspan made it' }]
      : [],

  act: async (site, steps, facts, { topology, cluster }) => {
    if (touching(steps, CLAIM_FILE) !== undefined) {
      const { claim: seen, installation, adopted } = facts;
      const way = seen.state === 'none' ? 'create' : 'replace';
      const ours = { topology, cluster, installation, machine: machineOf(seen), adopted };
      await site.run(writeClaimScript(ours, way, recordScript(adopted)), {
        failFast: true,
      });
      return;
    }
    const left = await removeFiles(site, steps);
    // While anything is left the host stays ours, and the next attempt looks again.
    if (left.length === 0) await site.run(releaseScript, { failFast: true });
  },
});

const machineOf = (seen: ClaimSeen): string | undefined => (seen.state === 'unreadable' ? undefined : seen.machine);

/** Preflight has refused such a host already, unless its K3s came later. @throws ProvisionError HOST_FOREIGN */
async function refuseKubernetes(site: Site, adopt: boolean): Promise<void> {
  const [traces, api] = await Promise.all([site.look(k3sTracesScript), site.api()]);
  if (traces.trim() === '' || (adopt && api === 'up')) return;
  throw refused(
    site,
    adopt ? notAdoptable('its API server does not respond') : notOurs(traces.trim().split('\n'), site.host),
  );
}

const refused = ({ host, cluster }: Site, { code, message, remedy }: HostRefusal): ProvisionError =>
  new ProvisionError(code, message, remedy, { host: host.name, cluster });
