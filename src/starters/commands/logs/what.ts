import type { Cluster } from '../../../contract/topology/topology.js';

/** Pods by namespace and label, a unit of a host, or a file of this machine. */
type Place =
  | { from: 'pods'; namespaces: readonly string[]; app?: string; role?: Cluster['role'] }
  | { from: 'unit'; unit: string }
  | { from: 'file'; file: string };

const ofNats = (app: string, role: Cluster['role']): Place => ({
  from: 'pods',
  namespaces: ['nats-system'],
  app,
  role,
});

export const WHAT = {
  broker: ofNats('nats-broker', 'broker'),
  leaf: ofNats('nats-leaf', 'leaf'),
  edge: { from: 'pods', namespaces: ['nginx-ingress'], role: 'broker' },
  publisher: ofNats('publisher', 'broker'),
  subscriber: ofNats('subscriber', 'leaf'),
  linkerd: { from: 'pods', namespaces: ['linkerd', 'linkerd-multicluster'] },
  k3s: { from: 'unit', unit: 'k3s' },
  worker: { from: 'file', file: 'worker/worker.log' },
  temporal: { from: 'file', file: 'temporal/server.log' },
} as const satisfies Record<string, Place>;

export type What = keyof typeof WHAT;

export const placeOf = (what: What): Place => WHAT[what];
