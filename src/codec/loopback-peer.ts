import { readFileSync } from 'node:fs';

/** Where the kernel tells who holds a connection. */
const TABLE = '/proc/net/tcp';
const ESTABLISHED = '01';

interface Connection {
  /** Of the other side's socket, as it sees the connection: 127.0.0.1 on both ends. */
  fromPort: number;
  toPort: number;
}

/** The user whose process holds the other end of a loopback connection; undefined: not known. */
export function userAt({ fromPort, toPort }: Connection, table = readFileSync(TABLE, 'utf8')): number | undefined {
  const [from, to] = [fromPort, toPort].map((port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  for (const line of table.split('\n').slice(1)) {
    const [, local, remote, state, , , , uid] = line.trim().split(/\s+/);
    if (local === from && remote === to && state === ESTABLISHED) return Number(uid);
  }
  return undefined;
}
