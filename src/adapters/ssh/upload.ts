import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { errorOf } from '../../contract/caught.js';
import type { LocalFile, RemoteFile, RunOptions } from '../../parts/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import { SHA256_FUNCTION } from '../../domain/hosts/checksum.js';
import { quote } from '../../domain/hosts/quote.js';
import { lastLines } from '../../domain/secrets/redact.js';
import type { Host } from '../../contract/topology.js';
import { asRoot, openChannel, type Ending } from './channel.js';
import { OutputTail } from './output.js';
import { sudoDenied, sudoSaid } from './login-errors.js';
import { ENVIRONMENT } from './script.js';
import { connectionLost, placeOf } from './ssh-errors.js';

const CHUNK = 1024 * 1024;
const HEARTBEAT_MS = 500;
const STDERR_KEPT = 16 * 1024;
const WRONG_CHECKSUM = 65;
/** Without its own limit, a stuck remote disk would hold the activity until its time-out. */
const DEFAULT_TIMEOUT_MS = 20 * 60_000;

/** @throws ProvisionError ARTIFACT_CORRUPT, SSH_CONNECTION_LOST, SUDO_DENIED, COMMAND_FAILED; the signal's reason */
export async function uploadFile(
  host: Host,
  ssh: NodeSSH,
  file: LocalFile,
  remote: RemoteFile,
  { signal, heartbeat, timeoutMs = DEFAULT_TIMEOUT_MS }: RunOptions,
): Promise<void> {
  signal.throwIfAborted();
  const { channel, ended } = await openChannel(host, ssh, asRoot(host, 'bash --noprofile --norc -s'));
  const stderr = new OutputTail(STDERR_KEPT);
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  channel.resume();
  channel.write(receiveScript(file, remote));
  const closed = new AbortController();
  void ended.then(() => closed.abort());
  const stop = AbortSignal.any([signal, closed.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await send(file, channel, stop, progressOf(file, remote, heartbeat));
  } catch (error) {
    if (!stop.aborted) {
      channel.end();
      await ended;
      throw unreadable(host, file, error);
    }
  }
  // The receiver treats an early end of input as a wrong checksum, and cleans up: also when the signal aborted.
  channel.end();
  const ending = await ended;
  signal.throwIfAborted();
  judge(host, file, remote, ending, stderr.text());
}

async function send(
  file: LocalFile,
  channel: ClientChannel,
  signal: AbortSignal,
  progress: (sent: number) => void,
): Promise<void> {
  let sent = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(file.path, { highWaterMark: CHUNK, signal });
  for await (const bytes of chunks) {
    if (!channel.write(bytes)) await drained(channel, signal);
    progress((sent += bytes.length));
  }
}

const drained = (channel: ClientChannel, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      channel.off('drain', done);
      signal.removeEventListener('abort', done);
      if (signal.aborted) reject(errorOf(signal.reason));
      else resolve();
    };
    channel.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

function progressOf(file: LocalFile, remote: RemoteFile, heartbeat: RunOptions['heartbeat']): (sent: number) => void {
  let last = 0;
  return (sent) => {
    const now = Date.now();
    if (heartbeat === undefined || now - last < HEARTBEAT_MS) return;
    last = now;
    heartbeat(`sending ${posix.basename(remote.path)}: ${Math.floor((100 * sent) / file.size)} %`);
  };
}

function judge(host: Host, file: LocalFile, remote: RemoteFile, ending: Ending, stderr: string): void {
  if (ending.kind === 'exit' && ending.code === 0) return;
  if (ending.kind === 'lost') throw connectionLost(host, `sending ${remote.path}`);
  if (ending.kind === 'exit' && ending.code === WRONG_CHECKSUM)
    throw new ProvisionError(
      'ARTIFACT_CORRUPT',
      `checksum mismatch for ${remote.path}: it is not the ${file.sha256} that the bundle gives for ${file.path}`,
      'the file in the bundle is damaged, or was changed while it was sent: build or fetch the bundle again',
      placeOf(host),
    );
  const said = lastLines(stderr, 20);
  const denied = host.ssh.user === 'root' ? undefined : sudoSaid(ending.kind === 'exit' ? ending.code : 128, stderr);
  if (denied !== undefined) throw sudoDenied(host, denied);
  const how = ending.kind === 'exit' ? `exit code ${ending.code}` : `killed by ${ending.signal}`;
  throw new ProvisionError('COMMAND_FAILED', `${how} from writing ${remote.path}`, undefined, placeOf(host), said);
}

const unreadable = (host: Host, file: LocalFile, error: unknown): ProvisionError =>
  new ProvisionError(
    'ARTIFACT_CORRUPT',
    `${file.path} cannot be read: ${error instanceof Object && 'message' in error ? String(error.message) : String(error)}`,
    'build or fetch the bundle again',
    placeOf(host),
  );

/**
 * Writes standard input beside the target, in one pass with its checksum, and gives it its name when both are right.
 * The names of temporary files begin with a dot and the target's name, so those of earlier tries are found and removed,
 * and K3s, which watches its images directory, ignores them. bash reads the script byte by byte from the same input, and
 * has read no further than its last line when that runs: what follows is the file.
 */
const receiveScript = (file: LocalFile, remote: RemoteFile): string => {
  const directory = posix.dirname(remote.path);
  const prefix = posix.join(directory, `.${posix.basename(remote.path)}.leafspan-`);
  return `set -eu -o pipefail
${ENVIRONMENT}
${SHA256_FUNCTION}
receive() {
mkdir -p ${quote(directory)}
rm -f ${quote(prefix)}*
part=$(mktemp ${quote(prefix)}XXXXXX)
trap "rm -f \\"\\$part\\"" EXIT
sum=$(tee "$part" | sha256)
[ "$sum" = ${quote(file.sha256)} ] || exit ${WRONG_CHECKSUM}
chmod ${remote.mode} "$part"
mv -f "$part" ${quote(remote.path)}
trap - EXIT
}
receive; exit $?
`;
};
