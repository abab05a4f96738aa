import type { V1PodSpec } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';

/** Every object carries our owner label; teardown and status select by it. */
export const partOf = (app: string): Record<string, string> => ({ app, [OWNER_LABEL]: FIELD_MANAGER });

/** All pods of ours run without root, without capabilities and on a read-only root. */
export const POD_SECURITY: NonNullable<V1PodSpec['securityContext']> = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Annotation of a pod template: what is hashed into it restarts the pod when it changes, and nothing else does. */
export const CHECKSUM_ANNOTATION = 'leafspan.io/config-checksum';

/** SHA-256 of a text, hex. It is passed in: the workflow sandbox has no `node:crypto`. */
export type Sha256 = (text: string) => string;
