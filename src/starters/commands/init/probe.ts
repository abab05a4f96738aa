import { isProvisionError } from '../../../contract/errors.js';
import { messageOf } from '../../../contract/caught.js';
import type { Host } from '../../../contract/topology/topology.js';
import type { Context } from '../../context.js';
import { interruptible } from '../../io.js';
import type { NamedHost } from './options.js';

/** What a host says of itself. */
export interface Probed {
  /** undefined: it gave no response that could be read. */
  hostKey?: string;
  /** IPv4 address by which the host reaches others. */
  internalAddress?: string;
  /** Why the host could not be asked. */
  problem?: string;
}

const PATIENCE_MS = 15_000;

/** Sends nothing: the kernel only says which of its addresses it would use. */
const SCRIPT = "LC_ALL=C ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p'";

/** Logs in to every host once. Their keys are shown and written to the file; none is kept as known. */
export async function probeHosts(
  { io, settings }: Context,
  hosts: readonly NamedHost[],
  privateKeyFile: string | undefined,
): Promise<Probed[]> {
  const { SshHostShell } = await import('../../../adapters/ssh/ssh-host-shell.js');
  const keys = new Map<string, string>();
  const nameOf = ({ address, port = 22 }: { address: string; port?: number | undefined }): string =>
    `${address} ${port}`;
  const shell = new SshHostShell({
    knownHosts: {
      read: (target) => Promise.resolve(keys.get(nameOf(target))),
      record: (target, fingerprint) => {
        keys.set(nameOf(target), fingerprint);
        return Promise.resolve();
      },
    },
    agentSocket: settings.agentSocket,
    home: settings.home,
  });
  const ask = async (named: NamedHost, signal: AbortSignal): Promise<Probed> => {
    const key = (): Pick<Probed, 'hostKey'> => {
      const hostKey = keys.get(nameOf(named));
      return hostKey === undefined ? {} : { hostKey };
    };
    try {
      const { stdout } = await shell.run(hostOf(named, privateKeyFile), SCRIPT, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        trustOnFirstUse: true,
      });
      const internalAddress = stdout.trim();
      return { ...key(), ...(internalAddress === '' ? {} : { internalAddress }) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { ...key(), problem: isProvisionError(error) ? error.message : messageOf(error) };
    }
  };
  try {
    return await interruptible(io, (signal) => Promise.all(hosts.map((host) => ask(host, signal))));
  } finally {
    await shell.close();
  }
}

function hostOf({ cluster, ...ssh }: NamedHost, privateKeyFile: string | undefined): Host {
  return {
    name: `${cluster}-1`,
    cluster,
    ssh: { ...ssh, ...(privateKeyFile === undefined ? {} : { privateKeyFile }) },
    internalAddress: ssh.address,
    externalAddress: ssh.address,
    adopt: false,
  };
}
