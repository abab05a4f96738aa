import type { V1Pod } from '@kubernetes/client-node';
import { INJECT } from '../linkerd/names.js';
import { mirrorHost, NATS_NAMESPACE, NATS_PORTS } from '../nats/names.js';
import { CONTAINER_SECURITY, partOf, POD_SECURITY } from '../kubernetes/pods.js';

/** App label of the pods that a check makes for one dial; no other check counts them. */
export const DIAL_APP = 'leafspan-dial';
/** A meshed pod gets the broker's INFO within milliseconds; Linkerd itself closes a silent connection after 10 s. */
const INFO_SECONDS = 3;

export type DialAs = 'meshed' | 'unmeshed';

export interface DialSpec {
  as: DialAs;
  broker: string;
  image: string;
}

type Pod = V1Pod & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

/**
 * A pod that dials the mirrored Service once. Outside the mesh it waits for the INFO with which a NATS server greets; in the
 * mesh a NATS client without a certificate tries, and its error shows how far it came.
 */
export function dialPod({ as, broker, image }: DialSpec): Pod {
  const host = mirrorHost(broker);
  const client = `nats --no-context --server tls://${host}:${NATS_PORTS.leaf} --tlsca /certs/ca.crt --timeout ${INFO_SECONDS}s rtt 2>&1`;
  const listener = `(sleep ${INFO_SECONDS}) | timeout ${INFO_SECONDS + 2} nc ${host} ${NATS_PORTS.leaf} 2>&1 | head -c 40`;
  const script = `echo "heard=$( (${as === 'meshed' ? client : listener}) | tr '\\n' ' ')"`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${DIAL_APP}-${as}`,
      namespace: NATS_NAMESPACE,
      labels: partOf(DIAL_APP),
      annotations: { [INJECT]: as === 'meshed' ? 'enabled' : 'disabled' },
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      securityContext: POD_SECURITY,
      containers: [
        {
          name: 'dial',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sh', '-c', script],
          env: [{ name: 'HOME', value: '/tmp' }],
          securityContext: CONTAINER_SECURITY,
          volumeMounts: [
            { name: 'ca', mountPath: '/certs', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        // Only the CA: with a certificate the dial would prove nothing.
        { name: 'ca', secret: { secretName: 'subscriber-tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
}

/** What the dialling pod heard; undefined: it stopped before the dial was over. */
export const parseDial = (log: string): string | undefined => /^heard=(.*)$/m.exec(log)?.[1]?.trim();
