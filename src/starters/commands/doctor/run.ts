import { diagnose } from '../../../domain/diagnosis/diagnose.js';
import type { Topology } from '../../../contract/topology/topology.js';
import type { Sighting } from '../../../doctor/examine.js';
import type { Context } from '../../context.js';
import { interruptible, printData, printJson, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { onlyOf } from '../../topologies/only.js';
import { asJson, renderDiagnosis } from './output.js';

export interface DoctorOptions {
  json?: boolean;
  only?: string[];
  verbose?: boolean;
}

/** Together with the start of the process under 15 s, whatever is wrong. */
const LIMITS = { checkMs: 7_000, totalMs: 10_000 };
const LOGIN_MS = 5_000;

/** No workflow: it works while the Temporal server is down, and a cause is known before a run would have given up. */
export async function doctor(context: Context, choice: Choice, options: DoctorOptions): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const only = onlyOf(topology, options.only);
  const began = performance.now();
  const sighting = await look(context, topology, only);
  const diagnosis = diagnose(sighting.checks, sighting.patient.hub);
  const tookMs = Math.round(performance.now() - began);
  if (options.json === true) printJson(context.io, asJson(sighting, diagnosis, tookMs));
  else
    printData(
      context.io,
      renderDiagnosis(sighting, diagnosis, { ...context, verbose: options.verbose === true, tookMs }),
    );
  return diagnosis.health === 'healthy' || diagnosis.health === 'warned' ? 0 : EXIT_FAILED;
}

/** In this process, over the adapters that a worker has. */
async function look(context: Context, topology: Topology, only: readonly string[] | undefined): Promise<Sighting> {
  const { io, settings } = context;
  const [{ wirePorts }, { examine }] = await Promise.all([
    import('../../../workers/wiring.js'),
    import('../../../doctor/examine.js'),
  ]);
  say(io, context.style.dim(`looking at ${topology.name}; nothing is changed`));
  const wiring = wirePorts({ ...settings, sshLimits: { logins: 20, transfers: 1, loginMs: LOGIN_MS } });
  wiring.warm();
  const over = new AbortController();
  try {
    return await interruptible(io, (interrupted) => {
      const work = { signal: AbortSignal.any([interrupted, over.signal]), heartbeat: () => undefined };
      return Promise.race([examine(wiring.ports, topology, { only, limits: LIMITS, work }), rejectedBy(interrupted)]);
    });
  } finally {
    over.abort();
    await wiring.close();
  }
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')));
  });
