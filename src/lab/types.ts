import type { BundleManifest } from '../domain/artifacts/bundle-manifest.js';

export interface LabOptions {
  /** Directory of everything that changes: disks, keys, topology, logs. */
  stateDir: string;
  /** Directory of everything that is built once: the host root, the bundle. */
  cacheDir: string;
  /** Names every kernel object of the lab, and picks its subnet. */
  name: string;
}

export type LabReport = (line: {
  step: string;
  state: 'running' | 'done' | 'note';
  detail?: string;
  elapsedMs?: number;
}) => void;

export type LabInstall = 'ask' | 'yes' | 'no';

/** `own`: the lab's, from the cache or built. `none`: none is made; one that the lab's topology names stays there. */
export type LabBundle = 'own' | 'none' | { directory: string; manifest: BundleManifest };

export interface LabUpOptions extends LabOptions {
  hosts: number;
  install: LabInstall;
  confirm?: (question: string) => Promise<boolean>;
  report: LabReport;
  signal?: AbortSignal;
  bundle: LabBundle;
}

export interface LabHostState {
  name: string;
  cluster: string;
  address: string;
  running: boolean;
  sshReady: boolean;
}

export interface LabState {
  name: string;
  topologyFile: string;
  bundleDir?: string;
  hosts: LabHostState[];
}

/** `to` and `from` are host names, or `machine` for the one that carries the lab. */
export type Fault =
  | { kind: 'cut'; from: string; to: string; port?: number }
  | { kind: 'heal' }
  | { kind: 'delay'; host: string; ms: number }
  | { kind: 'reboot'; host: string }
  | { kind: 'kill'; host: string }
  | { kind: 'start'; host: string }
  | { kind: 'fill-disk'; host: string; leaveMb?: number };
