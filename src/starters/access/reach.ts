import { connect } from 'node:net';
import type { SshHostShell } from '../../adapters/ssh/ssh-host-shell.js';
import type { Host } from '../../contract/topology/topology.js';

export interface Address {
  address: string;
  port: number;
}

const TIMEOUT_MS = 2_000;

export const isOpen = ({ address, port }: Address): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: TIMEOUT_MS });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });

export interface Ways {
  direct: Address | undefined;
  isOpen: (at: Address) => Promise<boolean>;
  fromHost: () => Promise<Address>;
}

/** Directly where this machine may, else by a tunnel over SSH to where the host itself finds it. */
export async function reach<T>(
  hosts: SshHostShell,
  host: Host,
  ways: Ways,
  use: (at: Address) => Promise<T>,
): Promise<T> {
  if (ways.direct !== undefined && (await ways.isOpen(ways.direct))) return use(ways.direct);
  const { address, port } = await ways.fromHost();
  const tunnel = await hosts.tunnel(host, address, port, { signal: new AbortController().signal });
  try {
    return await use({ address: '127.0.0.1', port: tunnel.port });
  } finally {
    await tunnel.close();
  }
}
