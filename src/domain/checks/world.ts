import type { CertificateFacts } from '../pki/reuse.js';
import type { CertificateSpec } from '../pki/profiles.js';

/** What checks can ask. Every answer is a fact; nothing is changed but for the nonces on the probe's own subjects. */
export interface CheckWorld {
  /** `ready`, or the rung of the readiness ladder that is not reached. */
  kubernetesState(cluster: string): Promise<string>;
  /** Addresses of the `kubernetes` Service, which every pod dials. */
  apiEndpoints(cluster: string): Promise<string[]>;
  certificates(): Promise<{ spec: CertificateSpec; seen: CertificateFacts | undefined; now: number }[]>;
  /** NATS's /leafz of the cluster's server. */
  leafz(cluster: string): Promise<Leafz>;
  /** Ready pods of an app, and all of them. */
  podsReady(cluster: string, app: string): Promise<{ ready: number; all: number }>;
  recentLogs(cluster: string, app: string, sinceSeconds: number): Promise<string>;
  /** Connects as the probe and closes again; answers the round trip. */
  roundTrip(cluster: string): Promise<Attempt>;
  /** Publishes a nonce in one cluster and waits for it in the other. */
  nonce(from: string, to: string): Promise<{ arrived: boolean; latencyMs: number }>;
  /** What the broker answers to somebody who must not get in. */
  intrude(as: Intruder): Promise<Attempt>;
}

export type Intruder = 'no-certificate' | 'foreign-ca' | 'subscriber-publishes' | 'plaintext';

/** unknown: the server was not reached, so nothing is proven either way. */
export type Attempt =
  | { outcome: 'accepted'; latencyMs: number }
  | { outcome: 'refused'; saw: string }
  | { outcome: 'unknown'; saw: string };

export interface Leafz {
  leafnodes: number;
  leafs: { name: string; account: string; is_spoke: boolean; rtt?: string }[];
}
