import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import type { Artifact, BundleManifest } from '../domain/artifacts/bundle-manifest.js';
import type { CertificateProfile } from '../domain/pki/profiles.js';
import type { Host } from '../contract/topology/topology.js';
import type { ManifestObject, ObjectRef } from '../domain/kubernetes/objects.js';
import type { StreamSeen, StreamSpec } from '../domain/nats/streams/streams.js';

/** What activities need from the world. Adapters implement these; tests pass strict fakes. */
export interface Ports {
  hosts: HostShell;
  kubernetes: KubernetesAccess;
  secrets: SecretStore;
  mint: CertificateMint;
  nats: NatsAccess;
  bundles: BundleReader;
  clock: Clock;
}

export interface CallOptions {
  signal: AbortSignal;
}

export interface RunOptions extends CallOptions {
  /** The command is killed after this time. Default 60 s. */
  timeoutMs?: number;
  /** Exit codes other than 0 that are not a failure. */
  okCodes?: readonly number[];
  /** Stops the script at its first failing command (`set -e`). Default false; for scripts that change things. */
  failFast?: boolean;
  /** The script changes the host: what an earlier connection left running there is stopped first. Default: `failFast`. */
  changes?: boolean;
  trustOnFirstUse?: boolean;
  /** The script takes a moment and only looks: those that an attempt asks for at the same time run as one command. */
  look?: true;
  /** The remote file or command reads this; used for uploads. */
  heartbeat?: (detail: string) => void;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface HostShell {
  /**
   * Runs a bash script as root. The script travels by standard input, so nothing of it shows in a process list.
   * On cancellation the remote process group is killed.
   * @throws ProvisionError SSH_*, SUDO_DENIED, COMMAND_FAILED
   */
  run(host: Host, script: string, options: RunOptions): Promise<RunResult>;
  /** Sends a local file; it appears under its name only when whole and of the right checksum. @throws ProvisionError ARTIFACT_CORRUPT */
  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void>;
  /** Whether the host forwards connections at all. @throws ProvisionError SSH_FORWARDING_FORBIDDEN */
  checkForwarding(host: Host, options: CallOptions): Promise<void>;
  /** A loopback port here that leads to address:port as seen from the host. */
  tunnel(host: Host, address: string, port: number, options: CallOptions): Promise<Tunnel>;
}

export interface LocalFile {
  path: string;
  sha256: string;
  size: number;
}

export interface RemoteFile {
  path: string;
  /** Octal, such as `0755`. */
  mode: string;
}

export interface Tunnel {
  port: number;
  close(): Promise<void>;
}

export interface KubernetesAccess {
  /** The API of the cluster that the host serves, with the admin credentials that the host holds. */
  cluster(host: Host, options: CallOptions): Promise<KubernetesCluster>;
  /** Whether the credentials are at hand since they were used a moment ago, so that the API can be asked directly. */
  isKnown(host: Host): boolean;
}

/** Both objects are undefined when the object is not there. */
export interface Preview {
  live: KubernetesObject | undefined;
  /** Equal to `live` but for what the apply would change. */
  applied: KubernetesObject | undefined;
  /** An apply would be refused: the object would be deleted and made again. */
  remade?: true;
}

export interface KubernetesCluster {
  /**
   * Server-side apply, in order. An object of ours that cannot become the wanted one is deleted and made again. Returns the
   * objects as they are now.
   */
  apply(objects: readonly ManifestObject[]): Promise<KubernetesObject[]>;
  /** What an apply of the object would change, by a server-side dry run; nothing is stored. */
  preview(object: ManifestObject): Promise<Preview>;
  /** What the API server would make of the object, admission webhooks included; nothing is stored. */
  dryRun<T extends KubernetesObject>(object: T & ManifestObject): Promise<T>;
  /** undefined: there is none. */
  read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined>;
  /** Deletes; returns whether there was something to delete. */
  remove(ref: ObjectRef, gracePeriodSeconds?: number): Promise<boolean>;
  pods(namespace: string, labelSelector: string): Promise<V1Pod[]>;
  podLogs(namespace: string, pod: string, options: { sinceSeconds: number; container?: string }): Promise<string>;
  /** GET of a raw path; the status is the caller's to judge. */
  get(path: string): Promise<{ status: number; body: string }>;
}

export interface SecretStore {
  /** undefined: nothing is stored under the name. */
  read(topology: string, name: string): Promise<Buffer | undefined>;
  write(topology: string, name: string, value: Buffer | string): Promise<void>;
  list(topology: string): Promise<string[]>;
  purge(topology: string): Promise<boolean>;
}

export interface KeyPair {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS#8. */
  privateKey: string;
}

export interface CertificateMint {
  selfSigned(profile: CertificateProfile): Promise<KeyPair>;
  signedBy(issuer: KeyPair, profile: CertificateProfile): Promise<KeyPair>;
}

export interface NatsIdentity extends KeyPair {
  /** PEM of the CA that the server is verified against. */
  ca: string;
}

export interface NatsTarget {
  /** Loopback port of a tunnel. */
  port: number;
  /** The name that the server's certificate must carry. */
  serverName: string;
  /** Under which the client's inboxes are; absent: it needs none. */
  inboxPrefix?: string;
}

export interface NatsConnection {
  /** Resolves with the payload of the first message that matches, or undefined at the deadline. */
  waitFor(subject: string, matches: (text: string) => boolean, timeoutMs: number): Promise<string | undefined>;
  /** @param reply subject for the reply of the receiver; some act only on a message that asks for a reply */
  publish(subject: string, text: string, reply?: string): void;
  /** Hands over the payload of every message from now on. A refused subscription is a violation. */
  listen(subject: string, onText: (text: string) => void): void;
  /** Publishes with the header `Leafspan-Probe`, by which applications know a message of a check. */
  probe(subject: string, text: string): void;
  /** The payload of the first reply. @throws the client's own error, after the time too */
  request(subject: string, text: string, timeoutMs: number): Promise<string>;
  /** JetStream of the account that the client belongs to. */
  streams(): Promise<StreamStore>;
  /** Round trip to the server; also proves that everything sent before was accepted. */
  flush(): Promise<void>;
  /** Permission violations that the server reported so far. */
  violations(): string[];
  close(): Promise<void>;
}

/** The streams of an account. Each call is one of the server's API, and fails with the client's own error. */
export interface StreamStore {
  /** @param concerns whether a stream of this name is looked at; default: each is */
  streams(concerns?: (name: string) => boolean): Promise<StreamSeen[]>;
  create(spec: StreamSpec): Promise<void>;
  update(spec: StreamSpec): Promise<void>;
  remove(stream: string): Promise<void>;
  /** Deletes the messages of one subject. */
  purge(stream: string, subject: string): Promise<void>;
  /** A durable one that is pulled from, and that gets every message once it is acknowledged. */
  createConsumer(stream: string, name: string, topology: string): Promise<void>;
  removeConsumer(stream: string, name: string): Promise<void>;
}

export interface MonitorPage {
  path: string;
  /** PEM of the CA that the server is verified against. */
  ca: string;
}

export interface NatsAccess {
  /** @throws the client's own error; checks judge it */
  connect(target: NatsTarget, identity: NatsIdentity | { ca: string }): Promise<NatsConnection>;
  /** Sends CONNECT and PING without TLS; returns what came back before the server closed or the time was up. */
  plaintext(port: number, timeoutMs: number): Promise<string>;
  /** The certificate that the server shows, in PEM; whether to trust it is not asked. @throws the socket's own error */
  served(port: number, timeoutMs: number): Promise<string>;
  /** The status with which a page of the server's monitoring is answered, by HTTPS. @throws the socket's own error */
  monitor(target: NatsTarget, page: MonitorPage, timeoutMs: number): Promise<number>;
  /** Asks for a leaf link with a certificate; returns what came back. @throws the socket's own error */
  leafLink(target: NatsTarget, identity: NatsIdentity, timeoutMs: number): Promise<string>;
}

export interface BundleReader {
  /** Reads and checks the manifest, not yet the files. @throws ProvisionError BUNDLE_INVALID with every problem */
  manifest(directory: string): Promise<BundleManifest>;
  /** Compares size and SHA-256 of every file of the manifest. @throws ProvisionError BUNDLE_INVALID with every problem */
  verify(directory: string, signal: AbortSignal): Promise<BundleManifest>;
  /** Path of an artifact's file. @throws ProvisionError BUNDLE_INVALID for one that leads out of the directory */
  locate(directory: string, artifact: Artifact): Promise<string>;
  /** A text file of the bundle, for what is read here and not sent. @throws ProvisionError ARTIFACT_CORRUPT */
  text(directory: string, artifact: Artifact): Promise<string>;
}

export interface Clock {
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
