import { takeDown } from './down.js';
import { injectFault } from './faults/inject.js';
import { sshCommand } from './hosts/ssh-command.js';
import { requireRootOnLinux, thisMachine } from './machine/prerequisites.js';
import { namesOf } from './names.js';
import { readLabState } from './status.js';
import { givenBundle } from './topology.js';
import type { Fault, LabOptions, LabReport, LabState, LabUpOptions } from './types.js';
import { bringUp, locked } from './up.js';

export { labDefaults } from './names.js';
export type { Fault, LabHostState, LabInstall, LabOptions, LabReport, LabState, LabUpOptions } from './types.js';

/** Healthy hosts are kept, dead ones started, missing ones made. */
export const labUp = (options: LabUpOptions): Promise<LabState> => bringUp(options);

/** Undefined: there is no lab. */
export const labStatus = (options: LabOptions): Promise<LabState | undefined> => readLabState(namesOf(options));

/** The bundle that an earlier `lab up` was given. */
export const labBundleGiven = (options: LabOptions): string | undefined => givenBundle(namesOf(options));

/** Removes whatever the lab has made, whole or half made. What was built once (the cache) stays. */
export async function labDown(options: LabOptions & { report: LabReport }): Promise<void> {
  requireRootOnLinux(thisMachine());
  const names = namesOf(options);
  await locked(names, options.report, undefined, () => takeDown(names, options.report));
}

export async function labFault(options: LabOptions & { fault: Fault; report: LabReport }): Promise<void> {
  requireRootOnLinux(thisMachine());
  const names = namesOf(options);
  const started = Date.now();
  const detail = await locked(names, options.report, undefined, () =>
    injectFault(names, options.fault, options.report),
  );
  options.report({ step: options.fault.kind, state: 'done', detail, elapsedMs: Date.now() - started });
}

/** An ssh command line with the lab's key and its host keys (strict). */
export const labSshCommand = (options: LabOptions, host: string, command: string[]): { file: string; args: string[] } =>
  sshCommand(namesOf(options), host, command);
