import type { V1Pod } from '@kubernetes/client-node';
import { INJECT } from '../linkerd/names.js';
import { mirrorHost, NATS_NAMESPACE, NATS_PORTS } from '../nats/names.js';
import { CONTAINER_SECURITY, partOf, POD_SECURITY } from '../kubernetes/pods.js';

/** Name and app label of the pod that a check makes for one dial; no other check counts it. */
export const DIAL_APP = 'leafspan-dial';
/** Of a path on which neither a close nor a greeting comes; a greeting takes milliseconds. */
const INFO_SECONDS = 3;

interface DialSpec {
  broker: string;
  image: string;
}

type Pod = V1Pod & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

/** A pod outside the mesh that dials the mirrored Service once and says what it heard. */
export function dialPod({ broker, image }: DialSpec): Pod {
  const to = `${mirrorHost(broker)} ${NATS_PORTS.leaf}`;
  // A NATS server greets before it is spoken to, so what is sent first cannot hide its INFO; and Linkerd's gateway closes a
  // connection that says something in plaintext at once, while it waits 10 s for a silent one.
  // The pipe stays open, so nc does not end before the other side has spoken or closed.
  const script = `mkfifo "$HOME/in" && exec 3<>"$HOME/in" && printf 'PING\\r\\n' >&3; echo "heard=$(timeout ${INFO_SECONDS} nc ${to} <&3 2>&1 | head -c 40 | tr '\\n' ' ')"`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: DIAL_APP,
      namespace: NATS_NAMESPACE,
      labels: partOf(DIAL_APP),
      annotations: { [INJECT]: 'disabled' },
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
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  };
}

/** What the dialling pod heard; undefined: it stopped before the dial was over. */
export const parseDial = (log: string): string | undefined => /^heard=(.*)$/m.exec(log)?.[1]?.trim();
