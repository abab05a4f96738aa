import { createHash } from 'node:crypto';
import { fullReference } from '../../../../src/domain/artifacts/image-place.js';
import { IMAGES_DIRECTORY, K3S_BINARY, K3S_CONFIG_FILE } from '../../../../src/domain/hosts/paths.js';
import { imagesIn } from '../bundle.js';
import type { Times } from '../pace.js';
import { ClusterModel } from '../cluster/cluster-model.js';
import { K3sModel } from './k3s-model.js';

export interface FileModel {
  sha256: string;
  mode: string;
  /** Absent for files of the bundle: only their checksum is known. */
  text?: string;
}

/** What is wrong with a host from the beginning. */
export type Fault = 'unreachable' | 'small' | 'wrong-k3s';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface HostSettings {
  name: string;
  clusterName: string;
  address: string;
  times: Times;
  fault: Fault | undefined;
  /** Releases by the checksum of a binary. */
  releases: ReadonlyMap<string, string>;
}

/** A Linux host in memory: its files, its K3s, and the cluster that the K3s serves. */
export class HostModel {
  readonly name: string;
  readonly clusterName: string;
  readonly address: string;
  readonly times: Times;
  readonly fault: Fault | undefined;
  readonly files = new Map<string, FileModel>();
  readonly k3s: K3sModel;
  readonly cluster: ClusterModel;
  /** How long its leaf node takes to link. */
  readonly linkMs: number;
  readonly #releases: ReadonlyMap<string, string>;

  constructor({ name, clusterName, address, times, fault, releases }: HostSettings) {
    this.name = name;
    this.clusterName = clusterName;
    this.address = address;
    this.times = times;
    this.fault = fault;
    this.#releases = releases;
    this.linkMs = times.work('link');
    this.k3s = new K3sModel(times);
    this.cluster = new ClusterModel(this);
  }

  text(path: string): string | undefined {
    return this.files.get(path)?.text;
  }

  write(path: string, text: string, mode = '0644'): void {
    this.files.set(path, { text, mode, sha256: sha256(text) });
  }

  /** Adds lines that are not there yet. */
  addLines(path: string, added: readonly string[]): void {
    const known = (this.text(path) ?? '').split('\n').filter(Boolean);
    this.write(path, lineByLine([...new Set([...known, ...added])]));
  }

  lines(path: string): string[] {
    return (this.text(path) ?? '').split('\n').filter(Boolean);
  }

  /** What `k3s --version` prints; undefined without a binary. */
  get k3sVersion(): string | undefined {
    const binary = this.files.get(K3S_BINARY);
    if (binary === undefined) return undefined;
    return this.fault === 'wrong-k3s' ? 'v1.20.0+k3s1' : this.#releases.get(binary.sha256);
  }

  /** K3s imports what lies in its directory of images. */
  get images(): string[] {
    if (this.k3s.state !== 'active') return [];
    return [...this.files].flatMap(([path, { sha256: sum }]) =>
      path.startsWith(IMAGES_DIRECTORY) ? imagesIn(sum) : [],
    );
  }

  hasImage(reference: string): boolean {
    return this.images.includes(fullReference(reference));
  }

  /** By what a running K3s is compared with the files: binary and configuration. */
  get k3sFiles(): string {
    return [K3S_BINARY, K3S_CONFIG_FILE].map((path) => this.files.get(path)?.sha256 ?? '').join(' ');
  }
}

const lineByLine = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
