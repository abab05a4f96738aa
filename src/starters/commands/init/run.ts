import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ProvisionError } from '../../../contract/errors.js';
import { writeWhole } from '../../../local/atomic-file.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { commandLine } from '../../invocation.js';
import { ask, canAsk, say } from '../../io.js';
import { expandHome, parseSource } from '../../topologies/load.js';
import { clusterName, parseHost, type InitOptions, type NamedHost } from './options.js';
import { probeHosts } from './probe.js';
import { renderTopology, type PlannedHost } from './render.js';

const FILE_MODE = 0o644;

/** Writes a topology file; what the hosts say of themselves is filled in. */
export async function init(context: Context, options: InitOptions): Promise<number> {
  const { io } = context;
  const file = resolve(io.cwd, expandHome(options.out, io.home));
  if (await isThere(file)) throw usage(`${options.out} is there already`, 'name another file with --out');
  const { name, hub, leaf } = await answered(context, options);
  const hosts = hostsOf(hub, leaf);
  const key = options.key;
  const probed = options.probe
    ? await probeHosts(context, hosts, key === undefined ? undefined : resolve(io.cwd, expandHome(key, io.home)))
    : hosts.map(() => ({}));
  const planned = hosts.map((host, index): PlannedHost => ({ ...host, probed: probed[index] ?? {} }));
  const source = renderTopology({ name, mode: options.mode, key, hosts: planned });
  await writeWhole(file, source, FILE_MODE);
  report(context, options, planned);
  await checked(context, options, source, file);
  return 0;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** What the flags leave out is asked for, where there is someone to ask. */
async function answered(
  { io }: Context,
  { name, hub, leaf }: InitOptions,
): Promise<{ name: string; hub: string; leaf: string[] }> {
  if (hub !== undefined && leaf !== undefined) return { name: name ?? 'my-system', hub, leaf };
  if (!canAsk(io))
    throw usage(
      `${hub === undefined ? '--hub' : '--leaf'} is missing`,
      `for example: ${commandLine('init --hub ubuntu@203.0.113.10 --leaf ubuntu@203.0.113.20')}`,
    );
  const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
  return {
    name: name ?? ((await ask(io, 'Name of the system [my-system]:')) || 'my-system'),
    hub: hub ?? (await ask(io, 'Host of the broker, as [user@]address:')),
    leaf: leaf ?? words(await ask(io, 'Hosts of the leaf clusters, separated by spaces:')),
  };
}

function hostsOf(hub: string, leaves: readonly string[]): NamedHost[] {
  return [hub, ...leaves].map((text, index) => parseHost(text, clusterName(index)));
}

function report({ io, style }: Context, { out }: InitOptions, hosts: readonly PlannedHost[]): void {
  for (const { cluster, address, probed } of hosts) {
    const said = probed.problem ?? (probed.hostKey === undefined ? undefined : `host key ${probed.hostKey}`);
    if (said === undefined) continue;
    say(io, `${probed.problem === undefined ? style.green('✔') : style.yellow('!')} ${cluster} at ${address}: ${said}`);
  }
  say(io, `written to ${out}`);
  if (hosts.some(({ probed }) => probed.hostKey !== undefined))
    say(
      io,
      'compare each host key with what the host itself says:\n  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    );
}

/** The file is there for its owner to complete; what is still wrong in it is said at once. */
async function checked({ io }: Context, { out }: InitOptions, source: string, file: string): Promise<void> {
  try {
    await parseSource({ source, file, home: io.home, shownAs: out });
    say(io, `next: ${commandLine(`plan -f ${out}`)}`);
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;
    say(io, `to be completed:\n${error.message}`);
  }
}
