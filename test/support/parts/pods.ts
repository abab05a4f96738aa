import type { V1Pod } from '@kubernetes/client-node';

interface Waiting {
  reason: string;
  message?: string;
  restarts?: number;
  deletionTimestamp?: Date;
  uid?: string;
  /** When the kubelet took it on. */
  startTime?: Date;
  imagePullPolicy?: string | undefined;
}

/** A pod of the broker whose container waits, as the API shows it. */
export const podWaiting = ({
  reason,
  message = '',
  restarts = 0,
  startTime,
  imagePullPolicy,
  ...metadata
}: Waiting): V1Pod =>
  JSON.parse(
    JSON.stringify({
      metadata: { name: 'nats-broker-0', namespace: 'nats-system', ...metadata },
      spec: { containers: [{ name: 'nats', image: 'nats:9', imagePullPolicy }] },
      status: {
        startTime,
        containerStatuses: [
          {
            name: 'nats',
            image: 'nats:9',
            imageID: '',
            ready: false,
            restartCount: restarts,
            state: { waiting: { reason, message } },
            lastState: restarts === 0 ? {} : { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
    }),
  ) as V1Pod;
