import { TRUST_ROOT } from '../../../domain/linkerd/names.js';
import { hasProxy } from '../../../domain/linkerd/proxy.js';
import { DIAL_APP } from '../../../domain/multicluster/dial-pod.js';
import { NATS_NAMESPACE } from '../../../domain/nats/names.js';
import type { Site } from '../../site.js';

/** A pod in the namespace of NATS. */
export interface MeshPod {
  name: string;
  meshed: boolean;
  ready: boolean;
  /** SHA-256 of the trust anchor that its proxy started with. */
  trustRoot: string | undefined;
  annotations: Readonly<Record<string, string>>;
}

/** All but those that are being deleted and those of the dial checks. */
export async function meshPods(site: Site): Promise<MeshPod[]> {
  const kube = await site.kube();
  const pods = await kube.pods(NATS_NAMESPACE, `app!=${DIAL_APP}`);
  return pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => ({
      name: metadata?.name ?? '?',
      meshed: hasProxy(spec),
      ready: status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true,
      trustRoot: metadata?.annotations?.[TRUST_ROOT],
      annotations: metadata?.annotations ?? {},
    }));
}
