import { diagnose } from '../../../domain/diagnosis/diagnose.js';
import type { Topology } from '../../../contract/topology/topology.js';
import type { Sighting } from '../../../doctor/examine.js';
import type { Context } from '../../context.js';
import { printData, printJson, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { endingCertificates, warnOfEnding, type EndingCertificates } from '../../topologies/ending-certificates.js';
import { onlyOf } from '../../topologies/only.js';
import { look } from './look.js';
import { asJson, renderDiagnosis } from './output.js';

export interface DoctorOptions {
  json?: boolean;
  only?: string[];
  verbose?: boolean;
  /** Write what was seen to this file. */
  support?: string;
  /** Read what was seen from this file; no host is asked. */
  from?: string;
}

/** No workflow: it works while the Temporal server is down, and a cause is known before a run would have given up. */
export async function doctor(context: Context, choice: Choice, options: DoctorOptions): Promise<number> {
  if (options.from !== undefined) return again(context, options.from, options);
  const { topology } = await chooseTopology(context, choice);
  const only = onlyOf(topology, options.only);
  say(context.io, context.style.dim(`looking at ${topology.name}; nothing is changed`));
  const began = performance.now();
  const { sighting, surroundings } = await look(context, topology, {
    only,
    surroundings: options.support !== undefined,
  });
  const tookMs = Math.round(performance.now() - began);
  const certificates = await endingCertificates(context, topology.name, () => Promise.resolve(topology));
  const code = print(context, sighting, options, { tookMs, certificates });
  warnOfEnding(context, certificates);
  if (options.support !== undefined) await keep(context, topology, options.support, { sighting, surroundings });
  return code;
}

async function again(context: Context, file: string, options: DoctorOptions): Promise<number> {
  const { readArchive } = await import('./archive.js');
  const { sighting, takenAt } = await readArchive(file, context.io.cwd);
  say(context.io, context.style.dim(`seen at ${takenAt}; no host is asked`));
  return print(context, sighting, options);
}

function print(
  context: Context,
  sighting: Sighting,
  { json, verbose = false }: DoctorOptions,
  { tookMs, certificates }: { tookMs?: number; certificates?: EndingCertificates } = {},
): number {
  const diagnosis = diagnose(sighting.checks, sighting.patient.hub);
  if (json === true) printJson(context.io, { ...asJson(sighting, diagnosis), certificates });
  else {
    printData(context.io, renderDiagnosis(sighting, diagnosis, { style: context.style, verbose }));
    if (tookMs !== undefined) say(context.io, context.style.dim(`in ${(tookMs / 1_000).toFixed(1)} s`));
  }
  return diagnosis.health === 'healthy' || diagnosis.health === 'warned' ? 0 : EXIT_FAILED;
}

async function keep(
  context: Context,
  { name }: Topology,
  file: string,
  seen: Awaited<ReturnType<typeof look>>,
): Promise<void> {
  const [{ writeArchive }, { runOutlines }] = await Promise.all([import('./archive.js'), import('./run-outlines.js')]);
  const runs = await runOutlines(context, name);
  await writeArchive(file, context.io.cwd, { takenAt: new Date().toISOString(), ...seen, runs });
  say(context.io, `written: ${file}, without keys; it names hosts, addresses and what logs say`);
}
