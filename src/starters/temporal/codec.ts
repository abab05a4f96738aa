import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fields } from '../../local/json.js';
import { RecordFile } from '../../local/record.js';
import type { Settings } from '../settings.js';
import { freePort, portAnswers, spawnDetached } from './processes.js';

/** The program that decrypts for the Web UI of the embedded server: a process of its own, which ends with the server. */
const PROGRAM = fileURLToPath(new URL('../../../bin/leafspan-codec.js', import.meta.url));
const LOOPBACK = '127.0.0.1';
const ANSWER_TIMEOUT_MS = 500;
const ARGUMENTS = ['--max-semi-space-size=2'];

const directoryOf = ({ stateDir }: Settings): string => join(stateDir, 'temporal');
const recordOf = (settings: Settings): RecordFile<{ port: number }> =>
  new RecordFile(join(directoryOf(settings), 'codec.json'), fields({ port: 'number' }));

/** By it the kernel tells who asks. Without it the Web UI shows what the server has, which is encrypted. */
const tellsWhoAsks = (): boolean => existsSync('/proc/net/tcp');

/** The port that the next server is to name to its Web UI, the same as before where possible; undefined: none. */
export const codecPort = async (settings: Settings): Promise<number | undefined> =>
  tellsWhoAsks() ? freePort(recordOf(settings).read()?.port ?? 0, 0) : undefined;

/** For the command line of the server. */
export const codecEndpoint = (port: number | undefined): string[] =>
  port === undefined ? [] : ['--ui-codec-endpoint', `http://${LOOPBACK}:${port}`];

/** Starts it where it does not respond. The command does not wait for it. @param newPort of a server that has just started */
export async function ensureCodec(
  settings: Settings,
  server: { pid: number; uiPort: number },
  marker: string,
  newPort?: number,
): Promise<void> {
  const port = newPort ?? recordOf(settings).read()?.port;
  if (port === undefined || (newPort === undefined && (await portAnswers(LOOPBACK, port, ANSWER_TIMEOUT_MS)))) return;
  await recordOf(settings).write({ port });
  const log = join(directoryOf(settings), 'codec.log');
  const named = [settings.stateDir, port, server.uiPort, server.pid, marker].map(String);
  await spawnDetached(process.execPath, [...ARGUMENTS, PROGRAM, ...named], log, settings.childEnv);
}
