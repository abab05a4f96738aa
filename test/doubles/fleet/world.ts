import type { Host } from '../../../src/contract/topology/topology.js';
import { artifactsOf, releasesByChecksum, type Mode } from './bundle.js';
import { HostModel, type Fault } from './hosts/host-model.js';
import { Times, type Pace } from './pace.js';
import { sizeOfTexts } from './cluster/objects.js';

export interface WorldSettings {
  pace: Pace;
  mode: Mode;
  /** By name of the host. */
  faults: Record<string, Fault>;
}

/** Where a loopback port of a tunnel leads. */
export interface TunnelEnd {
  from: HostModel;
  address: string;
  port: number;
}

/** What is wrong with hosts and the network now; tests change it while the world runs. */
export interface Troubles {
  /** Addresses of hosts that do not respond to a login. */
  down: Set<string>;
  /** What a firewall drops, as `from address → to address:port`; `*` for every port. */
  dropped: Set<string>;
  /** By address: how far a clock is ahead, in milliseconds. */
  clocks: Map<string, number>;
  /** By address: the free share of the disk. */
  disks: Map<string, number>;
}

/** Every host there is, and what goes on between them. */
export class World {
  readonly pace: Pace;
  readonly mode: Mode;
  readonly troubles: Troubles = { down: new Set(), dropped: new Set(), clocks: new Map(), disks: new Map() };
  /** What an event of every cluster says; '': there is none. */
  events = '';
  readonly #faults: Record<string, Fault>;
  readonly #hosts = new Map<string, HostModel>();
  readonly #tunnels = new Map<number, TunnelEnd>();
  readonly #releases = releasesByChecksum(artifactsOf('mesh'));
  #lastPort = 0;

  constructor({ pace, mode, faults }: WorldSettings) {
    this.pace = pace;
    this.mode = mode;
    this.#faults = faults;
  }

  get hosts(): Iterable<HostModel> {
    return this.#hosts.values();
  }

  /** The host at the address that the topology names; it is bare when it is seen first. */
  hostOf({ name, cluster: clusterName, ssh: { address } }: Host): HostModel {
    const known = this.#hosts.get(address);
    if (known !== undefined) return known;
    const times = new Times(this.pace, name);
    const host = new HostModel({
      name,
      clusterName,
      address,
      times,
      fault: this.#faults[name],
      releases: this.#releases,
    });
    this.#hosts.set(address, host);
    return host;
  }

  hostAt(address: string): HostModel | undefined {
    return this.#hosts.get(address);
  }

  /** Whether what one host sends arrives at a port of the other. */
  passes(from: HostModel, to: string, port: number): boolean {
    const { dropped } = this.troubles;
    return !dropped.has(`${from.address} → ${to}:${port}`) && !dropped.has(`${from.address} → ${to}:*`);
  }

  openTunnel(host: Host, address: string, port: number): number {
    this.#lastPort += 1;
    this.#tunnels.set(this.#lastPort, { from: this.hostOf(host), address, port });
    return this.#lastPort;
  }

  closeTunnel(port: number): void {
    this.#tunnels.delete(port);
  }

  endOf(port: number): TunnelEnd | undefined {
    return this.#tunnels.get(port);
  }

  /** What the model itself needs of the worker's memory, about: characters of its objects and files. */
  get characters(): number {
    const files = [...this.#hosts.values()].flatMap(({ files: all }) => [...all.values()]);
    return sizeOfTexts() + files.reduce((sum, { text = '' }) => sum + text.length + 200, 0);
  }
}
