import type { Fault } from '../../test/doubles/fleet/hosts/host-model.js';
import type { WorldSettings } from '../../test/doubles/fleet/world.js';
import type { WorldReport } from '../../test/doubles/fleet/worker-process.js';
import { failingLeaves, fleetTopology } from './fleet-topology.js';
import { Installation } from './installation.js';
import { measuredRun, type MeasuredRun } from './measured-run.js';
import type { FleetOptions } from './options.js';
import type { ProcessFigures } from './measure/process-figures.js';

export interface FleetFigures {
  options: FleetOptions;
  /** Leaves that were made to fail. */
  faults: ReadonlyMap<string, Fault>;
  baseline: MeasuredRun | undefined;
  /** Of a fleet of bare hosts. */
  first: MeasuredRun;
  /** Of the same fleet again. */
  second: MeasuredRun;
  /** With one leaf more. */
  joined: MeasuredRun | undefined;
  worker: ProcessFigures;
  server: ProcessFigures;
  /** undefined: the worker did not end by itself. */
  world: WorldReport | undefined;
  /** Where state and database are, when they were kept. */
  directory: string | undefined;
}

export const FLEET = 'site';
const BASELINE = 'base';

type Tell = (text: string) => void;

/** Provisions a modelled fleet, again, and with one leaf more when asked; measures each run. */
export async function runFleet(options: FleetOptions, tell: Tell): Promise<FleetFigures> {
  const { leaves, fail, join, keep, mode, scale, bandwidth, baseline } = options;
  const faults = failingLeaves(FLEET, leaves, fail);
  const settings: WorldSettings = {
    mode,
    pace: { scale, bytesPerSecond: bandwidth * 1_000_000 },
    faults: Object.fromEntries([...faults].map(([leaf, fault]) => [`${leaf}-1`, fault])),
  };
  const installation = await Installation.start(settings, options);
  const run = (name: string, count: number): Promise<MeasuredRun> => {
    tell(`provisioning ${count} leaves of ${name}`);
    return measuredRun(installation, fleetTopology(name, count, options));
  };
  const onSignal = (): void => void installation.stop({ keep }).finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let world: WorldReport | undefined;
  try {
    const before = baseline === undefined ? undefined : await run(BASELINE, baseline);
    const atFirst = join ? leaves - 1 : leaves;
    const first = await run(FLEET, atFirst);
    const second = await run(FLEET, atFirst);
    const joined = join ? await run(FLEET, leaves) : undefined;
    const figures = installation.figures();
    world = await installation.stop({ keep });
    const directory = keep ? installation.directory : undefined;
    return { options, faults, baseline: before, first, second, joined, ...figures, world, directory };
  } catch (error) {
    await installation.stop({ keep: true });
    tell(`kept for a look: ${installation.directory}`);
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
