import type { Host, SshTarget } from '../../../contract/topology/topology.js';

/** A host whose login is settled: by the topology, by ~/.ssh/config, or by a default. */
export type LoginHost = Omit<Host, 'ssh'> & { ssh: LoginTarget };

export interface LoginTarget extends Omit<SshTarget, 'jump'> {
  port: number;
  user: string;
  /** Where a person changes it: a field of the topology, or ~/.ssh/config. Default: `ssh`. */
  setIn?: string;
  /** The jump host that leads to it. */
  via?: { address: string; port: number; user: string };
}

/** A machine to log in to: the host itself, or a jump host on the way to it. */
export interface Hop {
  host: Host;
  /** As `LoginTarget.setIn`. */
  setIn: string;
  /** The machines that are reached through it. */
  leadsTo: readonly string[];
}
