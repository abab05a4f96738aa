import type { V1Node } from '@kubernetes/client-node';
import type { Verdict } from '../../contract/checks.js';
import { ProvisionError } from '../../contract/errors.js';
import { hostOf } from '../../contract/topology/scope.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import type { Step } from '../../contract/plan.js';
import { K3S_BINARY } from '../../domain/hosts/paths.js';
import { isRenewal } from '../../domain/pki/renewal.js';
import { renderK3sConfig } from '../../domain/k3s/config.js';
import { parseRemains, remainsScript, removeK3sScript } from '../../domain/k3s/before/removal.js';
import { decideK3s, K3S_PORTS, scriptOf, type K3sFacts } from '../../domain/k3s/install.js';
import { check, keyOf, type Check, type CheckKey } from '../check.js';
import { decideFiles } from '../files.js';
import { part, touching } from '../part.js';
import { isAdopted, mustBeClaimed } from './claim.js';
import { k3sCertificatesLast, seeK3s } from './k3s-certificates.js';
import { seeK3sFiles } from './k3s-files.js';
import { apiEndpoints, apiServerState, kubernetesState, type ServerState } from './kubernetes-state.js';

export const apiServerReady = (cluster: string): CheckKey => keyOf({ id: 'api-server-ready', subject: cluster });
export const kubernetesReady = (cluster: string): CheckKey => keyOf({ id: 'kubernetes-ready', subject: cluster });

interface Facts {
  k3s: K3sFacts;
  /** Why K3s is to renew its certificates. */
  due: string | undefined;
  /** K3s was there before us, so it stays as it is. */
  adopted: boolean;
  /** What of K3s is on the host, a line each; looked up for a removal only. */
  remains: string[];
}

/** For pods that end slowly and directories with many files. */
const isRestart = ({ verb }: Step): boolean => verb === 'restart';

const REMOVE_TIMEOUT_MS = 4 * 60_000;

/** K3s with its configuration, running from the binary that is on the host. Its files are a part of their own. */
export const k3s = part({
  name: 'k3s',
  title: 'install and start K3s',
  phase: 'clusters',
  needs: ['claim', 'k3s-files', 'firewall'],
  livesIn: 'host',
  listens: () => K3S_PORTS,

  wanted: (scope) => ({
    config: renderK3sConfig(hostOf(scope), scope.settings.k3s),
    version: scope.settings.k3s.version,
    source: scope.settings.artifacts,
  }),

  look: async (site, { source, version }, goal): Promise<Facts> => {
    const [{ facts, due }, adopted, files, remains] = await Promise.all([
      seeK3s(site),
      isAdopted(site),
      // A renewal needs no bundle: the binary stays.
      goal === 'present' && !isRenewal(site.scope) ? seeK3sFiles(site, { source, version }) : [],
      goal === 'absent' ? site.print(remainsScript) : '',
    ]);
    const replaced = touching(decideFiles(files), K3S_BINARY) !== undefined;
    return {
      k3s: { ...facts, runsCurrentBinary: facts.runsCurrentBinary && !replaced },
      due,
      adopted,
      remains: parseRemains(remains),
    };
  },

  decide: ({ k3s: seen, adopted, due }, { config }) => (adopted ? [] : decideK3s(seen, config, due)),

  renew: (steps, { due }) =>
    due === undefined ? [] : steps.filter(isRestart).map((step) => ({ ...step, because: due })),

  undo: ({ adopted, remains }) =>
    adopted ? [] : remains.map((object) => ({ verb: 'delete', object, because: 'leafspan installed K3s' })),

  act: async (site, steps, { k3s: { version: installed } }, { config, version }) => {
    if (steps.some(({ verb }) => verb === 'delete')) {
      site.work.heartbeat('removing K3s');
      await site.run(removeK3sScript, { timeoutMs: REMOVE_TIMEOUT_MS, changes: true });
      return;
    }
    if (installed !== version)
      throw new ProvisionError(
        'K3S_VERSION_DIFFERS',
        `K3s ${installed ?? '(none)'} is installed; the topology asks for ${version}`,
        'check k3s.version and the artifacts',
        { host: site.host.name },
      );
    await mustBeClaimed(site);
    for (const step of steps) {
      site.work.heartbeat(`${step.verb} ${step.object}`);
      await site.run(scriptOf(step, config), { failFast: true });
    }
  },

  checks: ({ cluster }) => {
    const [server] = cluster.hosts;
    const internal = server?.internalAddress ?? '';
    return [
      check<ServerState>({
        id: 'api-server-ready',
        category: 'k3s',
        subject: cluster.name,
        title: 'K3s runs and its API server is ready',
        severity: 'error',
        retry: { forSeconds: 300, everySeconds: 0.2 },
        confirms: { code: 'K3S_NOT_READY', look: 'sudo journalctl -u k3s -n 50' },
        probe: apiServerState,
        judge: (state) => judgeServer(state, 'the API server is not ready'),
      }),
      check<ServerState>({
        id: 'kubernetes-ready',
        category: 'k3s',
        subject: cluster.name,
        title: 'the node is Ready and CoreDNS is available',
        severity: 'error',
        retry: { forSeconds: 60, everySeconds: 0.5 },
        probe: kubernetesState,
        judge: (state) => judgeServer(state, 'Kubernetes is not ready'),
      }),
      check<string[]>({
        id: 'kubernetes-endpoint-internal',
        category: 'k3s',
        subject: cluster.name,
        title: 'pods dial the API server by its internal address',
        severity: 'error',
        needs: [kubernetesReady(cluster.name)],
        probe: apiEndpoints,
        judge: (addresses) =>
          addresses.length === 1 && addresses[0] === internal
            ? pass(internal)
            : fail(`the endpoint of the API server is not ${internal}`, addresses.join(', ') || 'none'),
      }),
      roomOnNode(cluster.name),
      k3sCertificatesLast(cluster.name),
    ];
  },
});

/** What a person has corrected meanwhile is in effect after the next start. */
const CRASHES_FOR_SECONDS = 30;

function judgeServer(state: ServerState, otherwise: string): Verdict {
  if (state === 'ready') return pass();
  if (typeof state === 'string') return fail(`${otherwise}: ${state}`);
  const { unit, restarts, said } = state;
  return fail(`K3s ends soon after each start (${unit}, ${restarts} restarts)`, said, {
    code: 'K3S_CRASHES',
    remedy: 'correct what it says; on the host: sudo journalctl -u k3s -n 50',
    afterSeconds: CRASHES_FOR_SECONDS,
  });
}

/** Under pressure a kubelet evicts pods and starts no new ones. */
const roomOnNode = (cluster: string): Check =>
  check<string[]>({
    id: 'node-has-room',
    category: 'k3s',
    subject: cluster,
    title: 'the node has disk, memory and process ids to spare',
    severity: 'error',
    needs: [kubernetesReady(cluster)],
    probe: async (site) => {
      const { body } = await (await site.kube()).get('/api/v1/nodes');
      const { items } = JSON.parse(body) as { items: V1Node[] };
      const conditions = items.flatMap(({ status }) => status?.conditions ?? []);
      return conditions
        .filter(({ type, status }) => /Pressure$/.test(type) && status === 'True')
        .map(({ type }) => type);
    },
    judge: (pressures) =>
      pressures.length === 0 ? pass() : fail(`the node is under pressure: ${pressures.join(', ')}`),
  });
