import { parseObject } from '../../contract/json.js';
import { monitorPath } from './monitor.js';

/** The broker's connections with the users that they were mapped to. */
export const CONNZ_PATH = monitorPath('nats-broker', 'connz?auth=1&limit=100000');

/** The connections of one user: at fleet size the whole list is long, and each leaf asks. */
export const connectionsOfPath = (user: string): string =>
  monitorPath('nats-broker', `connz?auth=1&user=${encodeURIComponent(user)}`);

export interface Connz {
  server_id?: string;
  connections?: Connection[];
}

export interface Connection {
  cid: number;
  kind?: string;
  authorized_user?: string;
  account?: string;
  rtt?: string;
}

export const parseConnz = (body: string): Connz => parseObject<Connz>(body, {});

/** Subject of the system account by which a server closes one of its connections. */
export const kickSubject = (serverId: string): string => `$SYS.REQ.SERVER.${serverId}.KICK`;

/** Links of leaf nodes whose user is not among the known ones. */
export const strangersIn = ({ connections = [] }: Connz, known: readonly string[]): { cid: number; user: string }[] =>
  connections
    .filter(({ kind, authorized_user: user }) => kind === 'Leafnode' && !known.includes(user ?? ''))
    .map(({ cid, authorized_user: user }) => ({ cid, user: user ?? 'an unknown leaf node' }));
