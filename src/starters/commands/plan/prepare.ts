import type { Context } from '../../context.js';
import { interruptible } from '../../io.js';
import type { DataOptions } from '../../program/options.js';
import type { Temporal } from '../../temporal/connect.js';
import { openTemporal } from '../../temporal/session.js';
import { chooseLabBundle } from '../../topologies/lab-bundle.js';
import { readTopologyFile, type LoadedTopology } from '../../topologies/load.js';
import { onlyOf } from '../../topologies/only.js';
import { Setup } from '../../watch/setup.js';
import { bringLabUp } from '../lab/run.js';

/** The options of `plan` and `provision`. */
export interface SystemOptions extends DataOptions {
  file?: string;
  json?: boolean;
  only?: string[];
  trustOnFirstUse?: boolean;
  yes?: boolean;
  install: boolean;
  hosts: number;
}

export interface Prepared {
  temporal: Temporal;
  loaded: LoadedTopology;
  only: readonly string[] | undefined;
  /** Absent when the user named a topology file. */
  labMs: number | undefined;
}

/** Side by side: the lab's hosts, where no file is named, and the Temporal server with its worker. */
export async function prepare(context: Context, options: SystemOptions): Promise<Prepared> {
  const { io } = context;
  // Bad input is found before anything is started.
  const named = options.file === undefined ? undefined : await readTopologyFile(options.file, io.cwd, io.home);
  const only = named === undefined ? undefined : onlyOf(named.topology, options.only);
  const setup = new Setup(context);
  const bundle = named === undefined ? await chooseLabBundle(context, undefined, setup.note) : 'none';
  const temporal = openTemporalShown(context, setup);
  try {
    if (named !== undefined) return { temporal: await temporal, loaded: named, only, labMs: undefined };
    const began = Date.now();
    const lab = await interruptible(io, (signal) => bringLabUp(context, setup, { ...options, bundle, signal }));
    const labMs = Date.now() - began;
    const loaded = await readTopologyFile(lab.topologyFile, io.cwd, io.home);
    return { temporal: await temporal, loaded, only: onlyOf(loaded.topology, options.only), labMs };
  } catch (error) {
    await temporal.then(
      (open) => open.close(),
      () => undefined, // the first failure is the one to report
    );
    throw error;
  } finally {
    setup.settle();
  }
}

const openTemporalShown = (context: Context, setup: Setup): Promise<Temporal> =>
  setup.part(
    'temporal',
    () => openTemporal(context, { worker: true, note: setup.note }),
    ({ kind, address, webUi }) =>
      kind === 'embedded' ? `embedded server, Web UI at ${webUi ?? ''}` : `server ${address}`,
  );
