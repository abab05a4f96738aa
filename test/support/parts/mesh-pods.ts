import type { V1Pod } from '@kubernetes/client-node';

interface PodChanges {
  app?: string;
  namespace?: string;
  deleted?: boolean;
  ready?: string;
  containers?: string[];
  annotations?: Record<string, string>;
}

/** A pod of NATS as the injector leaves it. */
export const meshedPod = (name: string, changes: PodChanges = {}): V1Pod => {
  const { app = 'nats-broker', namespace = 'nats-system', ready = 'True', containers = ['linkerd-proxy'] } = changes;
  const annotations = { 'linkerd.io/proxy-version': 'edge-26.8.3', 'linkerd.io/trust-root-sha256': 'a1b2' };
  return JSON.parse(
    JSON.stringify({
      metadata: {
        name,
        namespace,
        labels: { app },
        annotations: changes.annotations ?? annotations,
        deletionTimestamp: changes.deleted === true ? '2026-11-24T16:00:00Z' : undefined,
      },
      spec: { initContainers: containers.map((each) => ({ name: each })), containers: [{ name: 'nats' }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    }),
    (key, value: unknown) => (key === 'deletionTimestamp' ? new Date(String(value)) : value),
  ) as V1Pod;
};
