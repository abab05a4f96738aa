import { randomBytes } from 'node:crypto';
import { messageOf } from '../../../contract/caught.js';
import type { UserAt } from '../../../domain/accounts/accounts.js';
import { cellsOf, type Cell, type Messaging } from '../../../domain/accounts/matrix.js';
import type { Clock, NatsConnection } from '../../ports.js';

/** A user with its connection. */
export interface Seat {
  user: UserAt;
  client: NatsConnection;
}

export interface Tried {
  cells: number;
  /** What went otherwise than the topology says. */
  wrong: Cell[];
  /** Subjects of messages that were sent; each has the nonce of this trial. */
  sent: string[];
}

interface Trial {
  messaging: Messaging;
  seats: readonly Seat[];
  /** Cells that are tried; those of others are another check's. */
  isMine: (cell: Cell) => boolean;
  /** Whether checks may send on a subject of the account. */
  sends: (user: UserAt, subject: string, token: string) => boolean;
  clock: Clock;
  signal: AbortSignal;
  /** ms that a message may take; a subscription needs a moment to cross a link. */
  patienceMs?: number;
}

const ARRIVAL_MS = 4_000;
const REPEAT_MS = 100;
/** After the last message that was to arrive, one that was not to would have arrived too. */
const QUIET_MS = 300;

/** Tries what each user may do and what it may not, with messages that never were before. */
export async function tryRules({
  messaging,
  seats,
  isMine,
  sends,
  clock,
  signal,
  patienceMs = ARRIVAL_MS,
}: Trial): Promise<Tried> {
  const token = randomBytes(8).toString('hex');
  const users = seats.map(({ user }) => user);
  const all = cellsOf(messaging, users, token).filter(isMine);
  const cells = all.filter(
    ({ kind, allowed, user, subject }) => kind === 'subscribe' || !allowed || sends(at(users, user), subject, token),
  );
  const heard = new Set<string>();
  const key = (user: number, to: number, subject: string): string => `${user} ${to} ${subject}`;

  const listeners = new Map(
    cells
      .filter(({ kind }) => kind !== 'publish')
      .map(({ user, to = user, subject }) => [`${to} ${subject}`, { to, subject }]),
  );
  for (const { to, subject } of listeners.values())
    at(seats, to).client.listen(subject, (text) => {
      const [nonce, from] = text.split(' ');
      if (nonce === token) heard.add(key(Number(from), to, subject));
    });
  await flushed(seats);

  const send = (user: number, subject: string): void => at(seats, user).client.probe(subject, `${token} ${user}`);
  for (const { user, subject } of cells.filter(({ kind }) => kind === 'publish')) send(user, subject);
  const due = cells.filter(({ kind, allowed }) => kind === 'deliver' && allowed);
  const arrived = ({ user, to = -1, subject }: Cell): boolean => heard.has(key(user, to, subject));
  const deadline = clock.now() + patienceMs;
  while (!due.every(arrived) && clock.now() < deadline) {
    await clock.sleep(REPEAT_MS, signal);
    for (const { user, subject } of due.filter((cell) => !arrived(cell))) send(user, subject);
  }
  await flushed(seats);
  await clock.sleep(QUIET_MS, signal);

  const refused = seats.map(({ client }) => new Set(client.violations()));
  const happened = (cell: Cell): boolean => {
    if (cell.kind === 'deliver') return arrived(cell);
    const operation = cell.kind === 'publish' ? 'publish' : 'subscription';
    return !at(refused, cell.user).has(`${operation} ${cell.subject}`);
  };
  return { cells: cells.length, wrong: cells.filter((cell) => happened(cell) !== cell.allowed), sent: sentIn(cells) };
}

const sentIn = (cells: readonly Cell[]): string[] => [
  ...new Set(cells.filter(({ kind, allowed }) => kind !== 'subscribe' && allowed).map(({ subject }) => subject)),
];

async function flushed(seats: readonly Seat[]): Promise<void> {
  await Promise.all(
    seats.map(async ({ user, client }) => {
      try {
        await client.flush();
      } catch (error) {
        throw new Error(`${user.name} of ${user.account} at ${user.site}: ${messageOf(error)}`, { cause: error });
      }
    }),
  );
}

function at<T>(all: readonly T[], index: number): T {
  const found = all[index];
  if (found === undefined) throw new RangeError(`no element ${index}`);
  return found;
}
