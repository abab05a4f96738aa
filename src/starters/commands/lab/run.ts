import { spawn } from 'node:child_process';
import type { Fault, LabBundle, LabState } from '../../../lab/types.js';
import type { Context } from '../../context.js';
import { canAsk, interruptible, printData, printJson, say } from '../../io.js';
import { renderTable } from '../../terminal/table.js';
import { Setup } from '../../watch/setup.js';
import { commandLine } from '../../invocation.js';
import { chooseLabBundle } from '../../topologies/lab-bundle.js';

export interface LabUpArguments {
  hosts: number;
  /** False: `--no-bundle`. */
  bundle?: string | false;
  yes?: boolean;
  install: boolean;
  json?: boolean;
}

type LabWanted = Omit<LabUpArguments, 'bundle'> & { bundle: LabBundle; signal: AbortSignal };

const NO_LAB = `there is no lab on this machine; make one with: ${commandLine('lab up')}`;

export async function bringLabUp(
  { io }: Context,
  setup: Setup,
  { hosts, bundle, yes, install, signal }: LabWanted,
): Promise<LabState> {
  const { labDefaults, labUp } = await import('../../../lab/lab.js');
  // Without a terminal there is no question; what is installed is reported.
  const ask = canAsk(io) ? 'ask' : 'yes';
  return labUp({
    ...labDefaults(io.env),
    hosts,
    install: !install ? 'no' : yes === true ? 'yes' : ask,
    confirm: setup.confirm,
    report: setup.report,
    signal,
    bundle,
  });
}

export async function up(context: Context, options: LabUpArguments): Promise<number> {
  const setup = new Setup(context);
  try {
    const bundle = await chooseLabBundle(context, options.bundle, setup.note);
    const lab = await interruptible(context.io, (signal) => bringLabUp(context, setup, { ...options, bundle, signal }));
    setup.settle();
    show(context, lab, options);
    return 0;
  } finally {
    setup.settle();
  }
}

export async function status(context: Context, options: { json?: boolean }): Promise<number> {
  const { labDefaults, labStatus } = await import('../../../lab/lab.js');
  const lab = await labStatus(labDefaults(context.io.env));
  if (lab !== undefined) show(context, lab, options);
  else if (options.json === true) printJson(context.io, null);
  else say(context.io, NO_LAB);
  return lab?.hosts.every((host) => host.sshReady) === true ? 0 : 1;
}

function show({ io, style }: Context, lab: LabState, { json }: { json?: boolean }): void {
  if (json === true) return printJson(io, lab);
  const rows = lab.hosts.map(({ name, cluster, address, running, sshReady }) => [
    name,
    cluster,
    address,
    sshReady ? style.green('ready') : running ? style.yellow('starting') : style.red('off'),
  ]);
  printData(io, renderTable(['HOST', 'CLUSTER', 'ADDRESS', 'STATE'], rows, style));
  say(io, style.dim(`topology: ${lab.topologyFile}`));
}

export async function down(context: Context): Promise<number> {
  const { labDefaults, labDown } = await import('../../../lab/lab.js');
  const setup = new Setup(context);
  try {
    await labDown({ ...labDefaults(context.io.env), report: setup.report });
    return 0;
  } finally {
    setup.settle();
  }
}

export async function fault(context: Context, kind: Fault): Promise<number> {
  const { labDefaults, labFault } = await import('../../../lab/lab.js');
  const setup = new Setup(context);
  try {
    await labFault({ ...labDefaults(context.io.env), fault: kind, report: setup.report });
    return 0;
  } finally {
    setup.settle();
  }
}

/** The ssh client takes over the terminal; its exit code is ours. */
export async function ssh({ io }: Context, host: string, command: string[]): Promise<number> {
  const { labDefaults, labSshCommand } = await import('../../../lab/lab.js');
  const { file, args } = labSshCommand(labDefaults(io.env), host, command[0] === '--' ? command.slice(1) : command);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    // Ctrl-C belongs to the remote command.
    const stop = io.onInterrupt?.(() => undefined);
    child.once('error', reject);
    child.once('close', (code) => {
      stop?.();
      resolve(code ?? 1);
    });
  });
}
