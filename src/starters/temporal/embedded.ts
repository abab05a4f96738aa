import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import { SEARCH_ATTRIBUTES } from '../../contract/names.js';
import { fields } from '../../local/json.js';
import { isAlive } from '../../local/processes.js';
import { RecordFile } from '../../local/record.js';
import { privateDirectory } from '../../local/state/state-directory.js';
import type { Settings } from '../settings.js';
import { resolveTemporalCli } from './cli.js';
import { codecEndpoint, codecPort, ensureCodec } from './codec.js';
import { endProcess, freePort, portAnswers, sizeOf, spawnDetached, tailOf, until } from './processes.js';

/** The Temporal server of this state directory: a process of its own that outlives the command that started it. */
export interface EmbeddedServer {
  pid: number;
  port: number;
  uiPort: number;
  startedAt: string;
}

type Note = (text: string) => void;

const LOOPBACK = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 1_000;
/** A killed server holds its ports for a moment. */
const PORT_RELEASE_MS = 2_000;
const END_GRACE_MS = 5_000;
/** Starts of a server that exits at once. */
const STARTS = 3;

const directoryOf = (settings: Settings): string => join(settings.stateDir, 'temporal');
const SERVER = fields({ pid: 'number', port: 'number', uiPort: 'number', startedAt: 'string' });
const recordOf = (settings: Settings): RecordFile<EmbeddedServer> =>
  new RecordFile(join(directoryOf(settings), 'server.json'), SERVER);
const databaseOf = (settings: Settings): string => join(directoryOf(settings), 'leafspan.db');

/** The recorded server, when it runs and responds. */
export async function findEmbedded(settings: Settings): Promise<EmbeddedServer | undefined> {
  const record = recordOf(settings).read();
  if (record === undefined || !isAlive(record.pid, databaseOf(settings))) return undefined;
  return (await portAnswers(LOOPBACK, record.port, ANSWER_TIMEOUT_MS)) ? record : undefined;
}

/** Finds the server or starts it. Two commands at once start one. */
export async function ensureEmbedded(settings: Settings, note: Note): Promise<EmbeddedServer> {
  const found = await findEmbedded(settings);
  if (found !== undefined) {
    await ensureCodec(settings, found, databaseOf(settings));
    return found;
  }
  const directory = privateDirectory(directoryOf(settings));
  const { withLock } = await import('../../local/lock.js');
  return withLock(
    join(directory, 'lock'),
    {},
    async () => (await findEmbedded(settings)) ?? start(settings, directory, note),
  );
}

async function start(settings: Settings, directory: string, note: Note): Promise<EmbeddedServer> {
  const cli = await resolveTemporalCli(settings, note);
  const before = recordOf(settings).read();
  // A server that runs but does not respond would hold the database file.
  if (before !== undefined) await endProcess(before.pid, databaseOf(settings), END_GRACE_MS);
  for (let attempt = 1; ; attempt += 1) {
    const begun = await startOnce(settings, { cli, directory, before });
    if ('pid' in begun) return begun;
    // It chooses more ports than it is told, and others may take them in between.
    if (begun.code === undefined || attempt === STARTS) throw notStarted(settings, begun);
  }
}

async function startOnce(
  settings: Settings,
  { cli, directory, before }: { cli: string; directory: string; before: EmbeddedServer | undefined },
): Promise<EmbeddedServer | FailedStart> {
  // The same port as before where possible: a worker that waits for the server's return finds it there.
  const patienceMs = before === undefined ? 0 : PORT_RELEASE_MS;
  const port = await freePort(before?.port ?? settings.temporalPort, patienceMs);
  const uiPort = await freePort(before?.uiPort ?? settings.temporalUiPort, patienceMs);
  const codec = await codecPort(settings);
  const arguments_ = [...serverArguments(databaseOf(settings), port, uiPort), ...codecEndpoint(codec)];
  const log = join(directory, 'server.log');
  const logStart = sizeOf(log);
  const server = await spawnDetached(cli, arguments_, log, settings.childEnv);
  const up = await until(
    async () => server.exitCode() !== undefined || (await portAnswers(LOOPBACK, port, ANSWER_TIMEOUT_MS)),
    START_TIMEOUT_MS,
  );
  if (!up || server.exitCode() !== undefined) {
    await endProcess(server.pid, databaseOf(settings), END_GRACE_MS);
    return { cli, code: server.exitCode(), log, output: tailOf(log, logStart, 10) };
  }
  const record = { pid: server.pid, port, uiPort, startedAt: new Date().toISOString() };
  await recordOf(settings).write(record);
  await ensureCodec(settings, record, databaseOf(settings), codec);
  return record;
}

interface FailedStart {
  cli: string;
  /** undefined: it runs, and does not respond. */
  code: number | undefined;
  log: string;
  output: string;
}

function notStarted(settings: Settings, { cli, code, log, output }: FailedStart): ProvisionError {
  const what =
    code === undefined ? `did not start within ${START_TIMEOUT_MS / 1000} s` : `exited at its start with code ${code}`;
  const next = isFull(dirname(log))
    ? 'its disk is full: free space, or set LEAFSPAN_STATE_DIR'
    : /database|sqlite/i.test(output)
      ? `if the database cannot be read, move it away: ${databaseOf(settings)}*`
      : 'LEAFSPAN_TEMPORAL_CLI names another Temporal CLI';
  return new ProvisionError(
    'TEMPORAL_UNREACHABLE',
    `the embedded Temporal server ${what}: ${cli}`,
    `read ${log}; ${next}`,
    {},
    output,
  );
}

function serverArguments(database: string, port: number, uiPort: number): string[] {
  const attributes = Object.values(SEARCH_ATTRIBUTES).flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--ui-port', String(uiPort)],
    ...['--db-filename', database, '--log-level', 'warn', '--ui-disable-news-fetch', ...attributes],
    // As durable as its default, a rollback journal, which takes twice as long for each change.
    ...['--sqlite-pragma', 'journal_mode=wal'],
    // Timers of the development server fire up to 1 s late without it, and every retry waits on one.
    ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'],
  ];
}

/** Returns whether there was a server to stop. */
export async function stopEmbedded(settings: Settings): Promise<boolean> {
  const record = recordOf(settings).read();
  if (record === undefined || !isAlive(record.pid, databaseOf(settings))) return false;
  await endProcess(record.pid, databaseOf(settings), END_GRACE_MS);
  recordOf(settings).remove();
  return true;
}

const isFull = (directory: string): boolean => statfsSync(directory).bavail === 0;
