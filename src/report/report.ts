import type { CheckResult } from '../contract/checks.js';
import type { EntryState, RunState } from '../contract/status.js';
import type { HostOpenings } from '../domain/hosts/firewall/openings.js';

/** What a page shows of a topology. It holds no secret: of a certificate only its name, its times and its fingerprint. Times are ms since the epoch. */
export interface Report {
  topology: string;
  /** Of leafspan. */
  version: string;
  madeAt: number;
  link: 'direct' | 'mesh';
  /** The hub first. */
  clusters: readonly ReportedCluster[];
  /** Empty: nothing was looked at. */
  checks: readonly ReportedCheck[];
  /** The one to work on first. */
  causes: readonly ReportedCause[];
  certificates: readonly ReportedCertificate[];
  run?: ReportedRun;
  versions: readonly Version[];
  firewall: readonly HostOpenings[];
  /** What could not be asked, so the page does not have it. */
  unasked: readonly Unasked[];
}

export interface ReportedCluster {
  name: string;
  role: 'broker' | 'leaf';
  host: string;
  /** Under which the other clusters reach it. */
  address: string;
}

export interface ReportedCheck extends Pick<
  CheckResult,
  'id' | 'category' | 'subject' | 'title' | 'severity' | 'verdict' | 'docs'
> {
  /** Of a pair, the leaf. */
  cluster: string;
  /** There was no response in time. */
  silent?: true;
}

export interface ReportedCause {
  subject: string;
  /** Such as `Cause`. */
  label: string;
  isWarning: boolean;
  because: string;
  saw?: string;
  /** Number of other checks that fail, or were not looked at, because of it. */
  explains: number;
  remedy: string;
  command?: string;
  docs: string;
}

export interface ReportedCertificate {
  name: string;
  commonName: string;
  notAfter: number;
  /** SHA-256, hex. */
  fingerprint: string;
}

export interface ReportedRun {
  /** Such as `provision-plant-7`. */
  id: string;
  state: RunState;
  /** Phases, then what each cluster did. */
  groups: readonly BarGroup[];
}

export interface BarGroup {
  title: string;
  bars: readonly Bar[];
}

export interface Bar {
  title: string;
  state: EntryState;
  startedAt: number;
  endedAt?: number;
  /** Steps that were carried out. */
  changed?: number;
  error?: string;
}

export interface Version {
  component: string;
  /** As the topology has it. */
  wanted: string;
  /** As each cluster says it. */
  seen?: readonly { version: string; clusters: readonly string[] }[];
}

export interface Unasked {
  what: string;
  because: string;
}
