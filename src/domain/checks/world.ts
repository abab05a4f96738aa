import type { StoredCertificate } from '../pki/reuse.js';
import type { CertificateSpec } from '../pki/profiles.js';
import type { Reach, ReachTarget } from '../hosts/reach.js';
import type { GatewaySeen, LinkerdFindings } from '../linkerd/check-output.js';
import type { ProxyConnection } from '../multicluster/connections.js';
import type { DialAs } from '../multicluster/dial-pod.js';

/** What checks can ask. Every answer is a fact; nothing is changed but for the nonces on the probe's own subjects. */
export interface CheckWorld extends MeshWorld {
  /** `ready`, or the rung of the readiness ladder that is not reached. */
  kubernetesState(cluster: string): Promise<string>;
  /** Addresses of the `kubernetes` Service, which every pod dials. */
  apiEndpoints(cluster: string): Promise<string[]>;
  certificates(): Promise<{ spec: CertificateSpec; seen: StoredCertificate | undefined; now: number }[]>;
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

/** What the checks of link mode mesh can ask besides. */
export interface MeshWorld {
  /** Whether the cluster's host reaches an address. */
  reach(cluster: string, target: ReachTarget): Promise<Reach['state']>;
  linkerdFindings(cluster: string): Promise<LinkerdFindings>;
  linkFindings(leaf: string): Promise<LinkerdFindings>;
  gateways(leaf: string): Promise<GatewaySeen[]>;
  meshVersions(cluster: string): Promise<MeshVersions>;
  /** The pods of the namespace of NATS. */
  meshPods(cluster: string): Promise<MeshPod[]>;
  mirror(leaf: string): Promise<MirrorSeen>;
  /** Open connections of the proxy beside the cluster's NATS server. */
  proxyConnections(cluster: string): Promise<ProxyConnection[]>;
  /** Runs a pod on the leaf cluster that dials the mirrored Service once; it is gone afterwards. */
  dialMirror(leaf: string, as: DialAs): Promise<string | undefined>;
}

export interface MeshVersions {
  cli: string;
  controlPlane: string;
  /** Of the proxies in the namespace of NATS, each once. */
  dataPlane: string[];
  kubernetes: string;
  gatewayApi: string | undefined;
}

export interface MeshPod {
  name: string;
  meshed: boolean;
  ready: boolean;
  /** SHA-256 of the trust anchor that its proxy started with. */
  trustRoot: string | undefined;
}

export interface MirrorSeen {
  /** What is not there yet; undefined when the Service is mirrored and has an endpoint. */
  lacking: string | undefined;
  /** address:port */
  endpoints: string[];
  clusterIp: string | undefined;
}

export type Intruder = 'no-certificate' | 'foreign-ca' | 'subscriber-publishes' | 'plaintext' | 'publisher-as-leaf';

/** unknown: the server was not reached, so nothing is proven either way. */
export type Attempt =
  | { outcome: 'accepted'; latencyMs: number }
  | { outcome: 'refused'; saw: string }
  | { outcome: 'unknown'; saw: string };

export interface Leafz {
  leafnodes: number;
  leafs: { name: string; account: string; is_spoke: boolean; rtt?: string; ip?: string; port?: number }[];
}
