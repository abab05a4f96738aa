import { messageOf } from '../../contract/caught.js';
import { ERROR_CODES, isProvisionError } from '../../contract/errors.js';
import { hostOf, type Scope } from '../../contract/topology/scope.js';
import { endpointText } from '../../contract/topology/topology.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { parseVitalSigns, vitalSignsScript, type VitalSigns } from '../../domain/diagnosis/vital-signs.js';
import { claimRefusal } from '../../domain/hosts/claim.js';
import { check, keyOf, type Check, type CheckKey } from '../../parts/check.js';
import { installationOf } from '../../parts/pki/installation.js';
import type { Site } from '../../parts/site.js';

export const hostResponds = (cluster: string): CheckKey => keyOf({ id: 'host-responds', subject: cluster });

/** Certificates are not valid yet, or no longer, on a host with such a clock. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** With less free than that, the kubelet evicts pods and starts no new ones. */
const LEAST_FREE_SHARE = 0.05;

/** That the host can be logged in to, is ours, and is fit to run anything. */
export const hostChecks = (scope: Scope): Check[] => [
  responds(scope),
  forwards(scope),
  isOurs(scope),
  clockIsRight(scope),
  hasRoom(scope),
];

const about = ({ cluster: { name } }: Scope) => ({
  category: 'hosts' as const,
  subject: name,
  severity: 'error' as const,
  needs: [hostResponds(name)],
});

function responds(scope: Scope): Check {
  const { name, ssh } = hostOf(scope);
  return check<unknown>({
    ...about(scope),
    id: 'host-responds',
    title: `${name} responds to SSH, and its login user has sudo`,
    needs: [],
    probe: (site) => site.run('true').then(() => undefined, thrown(site)),
    judge: (error) => {
      if (error === undefined) return pass(endpointText(ssh));
      if (!isProvisionError(error)) return fail(messageOf(error));
      const { code, hint = `see docs/troubleshooting.md#${ERROR_CODES[code].docs}` } = error;
      return fail(error.message, error.output, { code, remedy: hint, afterSeconds: 0 });
    },
  });
}

const forwards = (scope: Scope): Check =>
  check<unknown>({
    ...about(scope),
    id: 'host-forwards',
    title: "sshd forwards connections to the host's own ports",
    probe: (site) => site.ports.hosts.checkForwarding(site.host, site.call).then(() => undefined, thrown(site)),
    judge: (error) => (error === undefined ? pass() : fail(messageOf(error))),
  });

const isOurs = (scope: Scope): Check =>
  check<{ signs: VitalSigns; installation: string | undefined }>({
    ...about(scope),
    id: 'host-is-ours',
    title: 'the host is the machine of this cluster, topology and installation',
    probe: async (site) => {
      const installation = installationOf(site.ports.secrets, site.topology);
      return { signs: await vitalSigns(site), installation: await installation };
    },
    judge: ({ signs: { claim }, installation }) => {
      if (claim.state === 'none') return fail('leafspan has not provisioned this host, or its claim is gone');
      const refusal = claimRefusal(claim, { topology: scope.settings.name, cluster: scope.cluster.name, installation });
      if (refusal === undefined) return pass();
      const { code, message, remedy } = refusal;
      return fail(`the host ${message}`, undefined, { code, remedy, afterSeconds: 0 });
    },
  });

const clockIsRight = (scope: Scope): Check =>
  check<VitalSigns>({
    ...about(scope),
    id: 'host-clock',
    title: `the host's clock is less than ${MAX_CLOCK_OFFSET_MS / 1_000} s off`,
    probe: vitalSigns,
    judge: ({ clockOffsetMs }) => {
      const seconds = (clockOffsetMs / 1_000).toFixed(1);
      return Math.abs(clockOffsetMs) <= MAX_CLOCK_OFFSET_MS
        ? pass(`${seconds} s`)
        : fail(`the clock of ${hostOf(scope).name} differs from the one here by ${seconds} s`);
    },
  });

const hasRoom = (scope: Scope): Check =>
  check<VitalSigns>({
    ...about(scope),
    id: 'host-has-room',
    title: `${LEAST_FREE_SHARE * 100} % of the disk are free`,
    probe: vitalSigns,
    judge: ({ disk, diskFreeShare }) => {
      const free = `${(diskFreeShare * 100).toFixed(0)} % of ${disk} on ${hostOf(scope).name}`;
      return diskFreeShare >= LEAST_FREE_SHARE ? pass(`${free} are free`) : fail(`only ${free} are free`);
    },
  });

/** An error that is what was looked for. */
const thrown =
  (site: Site) =>
  (error: unknown): unknown => {
    site.work.signal.throwIfAborted();
    return error;
  };

/** One script tells all of it. */
export const vitalSigns = (site: Site): Promise<VitalSigns> =>
  site.once('vital signs', async () => {
    const beforeMs = site.clock.now();
    const printed = await site.print(vitalSignsScript);
    return parseVitalSigns(printed, { beforeMs, afterMs: site.clock.now() });
  });
