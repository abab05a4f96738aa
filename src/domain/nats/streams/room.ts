import type { Warning } from '../../../contract/plan.js';
import { bytesOf } from '../../accounts/streams.js';
import type { HostFacts } from '../../hosts/facts.js';

/** The StorageClass of K3s, whose volumes are directories on the host. */
export const LOCAL_PATH = 'local-path';

/** Where a cluster keeps streams. */
export interface Store {
  maxFile: string;
  storageClass: string;
}

/** Of a host that has no volume yet. One that fills up stops its NATS server from taking messages, and pods are evicted. */
export function roomWarnings({ diskFreeMb }: Pick<HostFacts, 'diskFreeMb'>, store: Store | undefined): Warning[] {
  if (store?.storageClass !== LOCAL_PATH || diskFreeMb >= bytesOf(store.maxFile) / 2 ** 20) return [];
  return [
    {
      message: `streams may take ${store.maxFile}, and ${diskFreeMb} MiB are free in /var/lib`,
      remedy: 'free disk space on the host, or lower maxFile in nats.jetstream',
    },
  ];
}
