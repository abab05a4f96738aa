import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostOf, hubScope, leafScope, settingsOf, type Scope } from '../../../src/contract/topology/scope.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { diagnose, type Diagnosis } from '../../../src/domain/diagnosis/diagnose.js';
import { CLAIM_FILE } from '../../../src/domain/hosts/paths.js';
import { NATS_NAMESPACE } from '../../../src/domain/nats/names.js';
import { examine, surroundings, type Sighting } from '../../../src/doctor/examine.js';
import type { Surroundings } from '../../../src/doctor/surroundings.js';
import { fleetTopology } from '../../../scripts/fleet/fleet-topology.js';
import { partsOf } from '../../../src/parts/list.js';
import type { Ports } from '../../../src/parts/ports.js';
import { attempt } from '../../support/fakes/ports.js';
import type { Mode } from './bundle.js';
import type { HostModel } from './hosts/host-model.js';
import { programLog } from './nats/program-log.js';
import { World } from './world.js';
import { wireModel } from './wiring.js';

/** A hub and a leaf in memory, provisioned by the product's own parts. */
export interface Pair {
  world: World;
  topology: Topology;
  hub: HostModel;
  leaf: HostModel;
  /** Makes the system whole again. */
  repair: () => Promise<void>;
  /** What doctor sees now, over connections of its own, and what it finds out. */
  look: () => Promise<Looked>;
  diagnosis: () => Promise<Diagnosis>;
  /** Pieces of each private key, long enough to be no accident. */
  keys: () => Promise<string[]>;
  close: () => void;
}

interface Looked {
  sighting: Sighting;
  surroundings: Surroundings[];
}

/** Hosts and clusters work at a hundredth of the time that real ones take, the network at a fifth. */
const PACE = { scale: 0.01, network: 0.2, bytesPerSecond: 1e12 };

/** As long ago as the check lets a message be. */
const LISTENED_SECONDS = 7;

export async function provisionedPair(mode: Mode): Promise<Pair> {
  const stateDir = mkdtempSync(join(tmpdir(), 'leafspan-pair-'));
  const world = new World({ mode, pace: PACE, faults: {} });
  const made = fleetTopology('site', 1, { mode, fail: 0, concurrency: 20, canary: 0 });
  const topology = { ...made, nats: { ...made.nats, publishEverySeconds: 1 } };
  const scopes = [hubScope(topology), ...topology.leaves.map((leaf) => leafScope(settingsOf(topology), leaf))];
  const [hub, leaf] = scopes.map((scope) => world.hostOf(hostOf(scope)));
  if (hub === undefined || leaf === undefined) throw new RangeError('a topology without leaves');
  const wired = async <T>(use: (ports: Ports) => Promise<T>): Promise<T> => {
    const { ports, close } = wireModel(world, { stateDir, sshLimits: { logins: 8, transfers: 4 } });
    return use(ports).finally(close);
  };
  /** A foreign claim is not the product's to take away. */
  const claims = new Map<HostModel, string>();
  const repair = async (): Promise<void> => {
    const { down, dropped, clocks, disks } = world.troubles;
    for (const trouble of [down, dropped, clocks, disks]) trouble.clear();
    for (const [host, claim] of claims) host.write(CLAIM_FILE, claim);
    await wired(async (ports) => {
      for (const scope of scopes) await provision(ports, scope);
    });
    await untilHeard(world, leaf);
  };
  const look = (): Promise<Looked> =>
    wired(async (ports) => {
      const work = { signal: new AbortController().signal, heartbeat: () => undefined };
      const sighting = await examine(ports, topology, { only: undefined, limits: LIMITS, work });
      return { sighting, surroundings: await surroundings(ports, topology, sighting, work) };
    });
  const diagnosis = async (): Promise<Diagnosis> => {
    const { sighting } = await look();
    return diagnose(sighting.checks, sighting.patient.hub);
  };
  await repair();
  for (const host of [hub, leaf]) claims.set(host, host.text(CLAIM_FILE) ?? '');
  const keys = (): Promise<string[]> => wired(({ secrets }) => piecesOf(secrets, topology.name));
  const close = (): void => rmSync(stateDir, { recursive: true });
  return { world, topology, hub, leaf, repair, look, diagnosis, keys, close };
}

/** The publisher sends each second, so its first message after a repair is not there at once. */
async function untilHeard(world: World, leaf: HostModel): Promise<void> {
  const log = { namespace: NATS_NAMESPACE, pod: 'subscriber-1', sinceSeconds: LISTENED_SECONDS };
  for (const deadline = Date.now() + LISTENED_SECONDS * 1_000; programLog(world, leaf, log) === ''; await sleep(20))
    if (Date.now() > deadline) throw new RangeError('no message is heard after a repair');
}

const LIMITS = { checkMs: 7_000, totalMs: 10_000, looks: 1 };

/** Each part as soon as those that it needs are there, as in a run. */
async function provision(ports: Ports, scope: Scope): Promise<void> {
  const parts = partsOf(scope);
  const begun = new Map<string, Promise<unknown>>();
  const ensure = (name: string): Promise<unknown> => {
    const known = begun.get(name);
    if (known !== undefined) return known;
    const needs = parts.find((part) => part.name === name)?.needs ?? [];
    const there = needs.filter((need) => parts.some((part) => part.name === need));
    const ensured = Promise.all(there.map(ensure)).then(() => attempt(ports, `ensure ${name}`, { scope }));
    begun.set(name, ensured);
    return ensured;
  };
  await Promise.all(parts.map(({ name }) => ensure(name)));
}

async function piecesOf(secrets: Ports['secrets'], topology: string): Promise<string[]> {
  const names = (await secrets.list(topology)).filter((name) => name.endsWith('.key'));
  const keys = await Promise.all(names.map(async (name) => String(await secrets.read(topology, name))));
  return keys.flatMap((key) =>
    key
      .split('\n')
      .filter((line) => line.length > 40 && !line.startsWith('-'))
      .map((line) => line.slice(40, 60)),
  );
}
