import type { V1Pod } from '@kubernetes/client-node';
import { isProvisionError } from '../../../contract/errors.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { refOf } from '../../../domain/kubernetes/objects.js';
import { clientDialScript } from '../../../domain/multicluster/client-dial.js';
import { dialPod, parseDial } from '../../../domain/multicluster/dial-pod.js';
import { NATS_NAMESPACE } from '../../../domain/nats/names.js';
import { check, keyOf, type Check, type CheckKey } from '../../check.js';
import type { KubernetesCluster } from '../../ports.js';
import type { Site } from '../../site.js';
import { until } from '../../waiting/wait.js';

const DIAL_TIMEOUT_MS = 60_000;

/** TLS 1.3 lets the server refuse after the client's handshake is over; which text comes is a race. */
const REFUSED = /certificate required|bad certificate|closed by remote after TLS handshake/i;

const MESHED = 'refuses-meshed-without-certificate';

/** Of kubectl itself, not of the client. */
const NOT_MADE = /^(error:|Error from server)/;

/** What comes through the mirrored Service from clients that must not get in. */
export function dialChecks(subject: string, needs: readonly CheckKey[]): Check[] {
  const common = {
    category: 'multicluster' as const,
    subject,
    severity: 'error' as const,
    needs,
    retry: { forSeconds: 20, everySeconds: 1 },
  };
  return [
    check<string | undefined>({
      ...common,
      id: 'refuses-unmeshed-pod',
      makes: true,
      title: 'a pod outside the mesh gets nothing through the mirrored Service',
      // The same dial from inside the mesh gets through: what is silent here is the gateway, and not the route.
      onlyWith: [keyOf({ id: MESHED, subject })],
      probe: dial,
      judge: (heard) => {
        if (heard === undefined) return fail('the pod stopped before its dial was over');
        if (heard.includes('INFO')) return fail('a pod outside the mesh got the INFO of the broker', heard);
        // The dial must have been made: an address that is not found, or a missing command, proves nothing.
        return heard === '' || /timed? ?out|terminated|reset by peer/i.test(heard)
          ? pass('no INFO')
          : fail('the pod could not dial the mirrored Service', heard);
      },
    }),
    check<string>({
      ...common,
      id: MESHED,
      title: 'a client in the mesh without a NATS certificate reaches the broker and is refused',
      probe: async (site) => (await site.print(clientDialScript(site.scope.settings.broker.name))).trim(),
      judge: (heard) => {
        if (REFUSED.test(heard)) return pass(heard.slice(0, 120));
        return NOT_MADE.test(heard)
          ? fail('the client could not be started in the pod of the subscriber', heard)
          : fail('the broker did not refuse the client', heard);
      },
    }),
  ];
}

/** Runs a pod that dials the mirrored Service once, and removes it. Returns what it heard. */
async function dial(site: Site): Promise<string | undefined> {
  const { clock, scope, work } = site;
  const kube = await site.kube();
  const pod = dialPod({ broker: scope.settings.broker.name, image: scope.settings.nats.images.box });
  const pace = { timeoutMs: DIAL_TIMEOUT_MS, everyMs: 200, signal: work.signal };
  // A check that was cut off leaves its pod behind.
  await until(clock, pace, async () =>
    (await kube.remove(pod, 0)) ? { ready: false, saw: `${pod.metadata.name} is still there` } : { ready: true },
  );
  await kube.apply([pod]);
  try {
    let heard: string | undefined;
    await until(clock, pace, async () => {
      const phase = (await kube.read<V1Pod>(refOf(pod)))?.status?.phase ?? 'absent';
      // What it heard is in its log before its proxy has shut down.
      if (phase !== 'Pending') heard = parseDial(await logOf(kube, pod.metadata.name));
      const ended = heard !== undefined || phase === 'Succeeded' || phase === 'Failed';
      return ended ? { ready: true } : { ready: false, saw: `${pod.metadata.name} is ${phase}` };
    });
    return heard;
  } finally {
    // The next dial removes what stays; the first error is the one that counts.
    await kube.remove(pod, 0).catch(() => undefined);
  }
}

/** A container that has not started has no log, and the API says so by an error. */
async function logOf(kube: KubernetesCluster, pod: string): Promise<string> {
  try {
    return await kube.podLogs(NATS_NAMESPACE, pod, { sinceSeconds: DIAL_TIMEOUT_MS / 1_000 });
  } catch (error) {
    if (isProvisionError(error) && error.code === 'KUBE_API_FAILED') return '';
    throw error;
  }
}
