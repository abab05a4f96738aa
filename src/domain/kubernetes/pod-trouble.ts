import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Permanence } from '../../contract/checks.js';

/** Why a pod does not get ready, and whether waiting may help. */
export interface Trouble {
  pod: string;
  saw: string;
  permanent?: Permanence;
  /** The container whose log says more. */
  crashed?: string;
}

/**
 * How long a pull may fail before it counts. Three tries fit into it, so a short fault of the network is outlasted. Images of
 * a bundle are imported, which the kubelet notices only when it looks at the pod again, within a minute and a half.
 */
export interface PodPatience {
  pullSeconds: number;
  /** The same for a container that ends: parts of a control plane wait for each other that way. */
  crashSeconds: number;
}

export const OF_NATS: PodPatience = { pullSeconds: 45, crashSeconds: 0 };
export const WITH_BUNDLE: PodPatience = { pullSeconds: 120, crashSeconds: 0 };

const NEVER = new Set(['InvalidImageName', 'ErrImageNeverPull']);
const PULLS = new Set(['ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable']);
const CREATES = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
/** A Secret, or another container, may still be on its way. */
const CREATE_SECONDS = 45;
/** Restarts of a container, after which the kubelet's pauses show that it does not come up. Reached in half a minute. */
const CRASHES = 3;
const MAX_SAID = 300;

/** The first thing that keeps a pod from getting ready; what is permanent comes first. */
export function podTrouble(pods: readonly V1Pod[], patience: PodPatience): Trouble | undefined {
  const troubles = pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .flatMap((pod) => [
      ...containersOf(pod).flatMap((container) => troubleOf(pod, container, patience)),
      ...unscheduled(pod),
    ]);
  return troubles.find(({ permanent }) => permanent !== undefined) ?? troubles[0];
}

const containersOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

function troubleOf(pod: V1Pod, container: V1ContainerStatus, { pullSeconds, crashSeconds }: PodPatience): Trouble[] {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  const name = pod.metadata?.name ?? '?';
  const says = (text: string): string => `pod ${name}: ${reason}: ${text}`.slice(0, MAX_SAID);
  if (NEVER.has(reason) || PULLS.has(reason)) {
    const afterSeconds = NEVER.has(reason) ? 0 : pullSeconds;
    const remedy = `correct the image in the topology, put it into the bundle, or let the host reach its registry: ${container.image}`;
    return [{ pod: name, saw: says(message), permanent: { code: 'IMAGE_PULL_FAILED', remedy, afterSeconds } }];
  }
  const see = `kubectl -n ${pod.metadata?.namespace ?? 'default'} describe pod ${name}`;
  if (CREATES.has(reason))
    return [
      { pod: name, saw: says(message), permanent: { code: 'POD_CRASHES', remedy: see, afterSeconds: CREATE_SECONDS } },
    ];
  if (reason !== 'CrashLoopBackOff') return [];
  const saw = says(`container ${container.name}, ${container.restartCount} restarts, last ${endOf(container)}`);
  if (container.restartCount < CRASHES) return [{ pod: name, saw }];
  const permanent: Permanence = { code: 'POD_CRASHES', remedy: see, afterSeconds: crashSeconds };
  return [{ pod: name, saw, permanent, crashed: container.name }];
}

function endOf({ lastState }: V1ContainerStatus): string {
  const { reason, exitCode, message } = lastState?.terminated ?? {};
  const said = [reason, exitCode === undefined ? undefined : `exit code ${exitCode}`, message?.trim()];
  return said.filter((text) => text !== undefined && text !== '').join(', ') || 'end unknown';
}

/** No node has room for it: that may pass. */
function unscheduled({ metadata, status }: V1Pod): Trouble[] {
  const condition = status?.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False');
  if (condition === undefined) return [];
  const name = metadata?.name ?? '?';
  return [
    {
      pod: name,
      saw: `pod ${name}: ${condition.reason ?? 'not scheduled'}: ${condition.message ?? ''}`.slice(0, MAX_SAID),
    },
  ];
}
