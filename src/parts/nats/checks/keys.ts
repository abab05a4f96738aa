import { keyOf, type CheckKey } from '../../check.js';

const key =
  (id: string) =>
  (cluster: string): CheckKey =>
    keyOf({ id, subject: cluster });

/** Keys of NATS's checks by the name of the cluster, for checks that need them. */
export const brokerReady = key('broker-ready');
export const brokerAccepts = key('broker-accepts-probe');
export const leafReady = key('leaf-ready');
export const leafLinked = key('leaf-linked');
export const leafAccepts = key('leaf-accepts-probe');
