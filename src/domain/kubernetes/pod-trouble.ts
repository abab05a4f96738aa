import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Permanence } from '../../contract/checks.js';

/** Why a pod does not get ready, and whether waiting may help. */
export interface Trouble {
  pod: string;
  saw: string;
  permanent?: Permanence | undefined;
  /** The container whose log says more. */
  crashed?: string;
  /** The image that it cannot pull, and would run from if the node had it. */
  needs?: string | undefined;
}

/** How long a pull may fail before it counts: three tries fit into it, so a short fault of the network is outlasted. */
const PULL_SECONDS = 45;
/** How long a container may end before it counts, in seconds: parts of a control plane wait for each other that way. */
export const OF_NATS = 0;

const NEVER = new Set(['InvalidImageName', 'ErrImageNeverPull']);
const PULLS = new Set(['ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable']);
const CREATES = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
/** A Secret, or another container, may still be on its way. */
const CREATE_SECONDS = 45;
/** Restarts of a container, after which the kubelet's pauses show that it does not come up. Reached in half a minute. */
const CRASHES = 3;
const MAX_SAID = 300;

/** The first thing that keeps a pod from getting ready; what is permanent comes first. */
export function podTrouble(pods: readonly V1Pod[], crashSeconds: number): Trouble | undefined {
  const troubles = pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .flatMap((pod) => [
      ...containersOf(pod).flatMap((container) => troubleOf(pod, container, crashSeconds)),
      ...unscheduled(pod),
    ]);
  return troubles.find(({ permanent }) => permanent !== undefined) ?? troubles[0];
}

const containersOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

function troubleOf(pod: V1Pod, container: V1ContainerStatus, crashSeconds: number): Trouble[] {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  const name = pod.metadata?.name ?? '?';
  const says = (text: string): string => `pod ${name}: ${reason}: ${text}`.slice(0, MAX_SAID);
  if (NEVER.has(reason) || PULLS.has(reason)) {
    const afterSeconds = NEVER.has(reason) ? 0 : PULL_SECONDS;
    const remedy = `correct the image in the topology, put it into the bundle, or let the host reach its registry: ${container.image}`;
    const needs = PULLS.has(reason) ? presentIsEnough(pod, container) : undefined;
    return [{ pod: name, saw: says(message), permanent: { code: 'IMAGE_PULL_FAILED', remedy, afterSeconds }, needs }];
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

/** The container's image, unless its policy is to ask the registry each time. */
function presentIsEnough({ spec }: V1Pod, { name, image }: V1ContainerStatus): string | undefined {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.find((container) => container.name === name)?.imagePullPolicy === 'Always' ? undefined : image;
}

/** The kubelet tries again by itself, at most this long after the image has come. */
const SEES_IMAGE_SECONDS = 90;

/** Of a pull that fails although the node has the image by now: its import has ended since the last try. */
export const withImage = ({ permanent, ...trouble }: Trouble): Trouble => ({
  ...trouble,
  saw: `${trouble.saw}; the image is there now, and the kubelet tries again`,
  permanent: permanent && { ...permanent, afterSeconds: PULL_SECONDS + SEES_IMAGE_SECONDS },
});

function endOf({ lastState }: V1ContainerStatus): string {
  const { reason, exitCode, message } = lastState?.terminated ?? {};
  const said = [reason, exitCode === undefined ? undefined : `exit code ${exitCode}`, message?.trim()];
  return said.filter((text) => text !== undefined && text !== '').join(', ') || 'end unknown';
}

/** Reasons of the scheduler that do not pass by themselves: the cluster has one node. Its own taints, such as pressure, may. */
const NEVER_FITS =
  /Insufficient (?:cpu|memory)|Too many pods|volume node affinity conflict|untolerated taint\(?s?\)? \{(?!node\.kubernetes\.io\/)/;
/** Pods that are ending hold their room until they have ended. */
const ROOM_SECONDS = 50;

/** No node has room for it, or takes it. */
function unscheduled({ metadata, status }: V1Pod): Trouble[] {
  const condition = status?.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False');
  if (condition === undefined) return [];
  const { name = '?', namespace = 'default' } = metadata ?? {};
  const { reason = 'not scheduled', message = '' } = condition;
  const remedy = `make room on the node, or take its taint away: kubectl -n ${namespace} describe pod ${name}; kubectl describe node`;
  const permanent: Permanence | undefined = NEVER_FITS.test(message)
    ? { code: 'POD_UNSCHEDULABLE', remedy, afterSeconds: ROOM_SECONDS }
    : undefined;
  return [{ pod: name, saw: `pod ${name}: ${reason}: ${message}`.slice(0, MAX_SAID), permanent }];
}
