import type { V1PersistentVolume } from '@kubernetes/client-node';
import { parseObject } from '../../../contract/json.js';
import { keepsStreams } from '../../../domain/accounts/streams.js';
import { monitorPath } from '../../../domain/nats/monitor.js';
import { hasNoStreamFiles, streamFilesScript } from '../../../domain/nats/streams/files.js';
import { heldIn, streamsHeld, type Jsz } from '../../../domain/nats/streams/jsz.js';
import type { KubernetesCluster } from '../../ports.js';
import type { Site } from '../../site.js';
import { natsServerOf, readDataClaim } from './stores.js';

/** Sentences about messages that a cluster's streams hold, whether the topology still has them or not; []: none. */
export async function messagesHeld(site: Site): Promise<string[]> {
  if ((await site.api()) === 'down' && keepsStreams(site.scope.settings.nats))
    return [`${site.cluster}: K3s does not respond, so what its streams hold is not known`];
  const kube = await site.kubeIfUp();
  const claim = kube && (await readDataClaim(site, kube));
  if (kube === undefined || claim === undefined) return [];
  const seen = await seeJsz(site);
  if (seen !== undefined && seen.disabled !== true)
    return heldIn(streamsHeld(seen)).map((held) => `${site.cluster}: ${held}`);
  return (await isEmpty(site, kube, claim.spec?.volumeName))
    ? []
    : [`${site.cluster}: there is a volume for streams, and no NATS server that says what they hold`];
}

/** Servers with accounts have a volume before there is a stream: one that never worked must not hold up a teardown. */
async function isEmpty(site: Site, kube: KubernetesCluster, volume: string | undefined): Promise<boolean> {
  if (volume === undefined) return true;
  const ref = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: volume } };
  const spec = (await kube.read<V1PersistentVolume>(ref))?.spec;
  const directory = spec?.local?.path ?? spec?.hostPath?.path;
  return directory !== undefined && hasNoStreamFiles(await site.print(streamFilesScript(directory)));
}

/** What the NATS server of a cluster keeps; undefined: it does not respond. */
export async function seeJsz(site: Site): Promise<Jsz | undefined> {
  const kube = await site.kube();
  const { status, body } = await kube.get(monitorPath(natsServerOf(site).app, 'jsz?accounts=true&streams=true'));
  return status === 200 ? parseObject<Jsz>(body, {}) : undefined;
}
