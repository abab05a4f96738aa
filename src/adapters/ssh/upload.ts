import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { errorOf } from '../../contract/caught.js';
import type { LocalFile, RemoteFile, RunOptions } from '../../parts/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import { lastLines } from '../../domain/secrets/redact.js';
import type { LoginHost } from './login/login-host.js';
import { asRoot, openChannel, type Ending } from './channel.js';
import { loginRefused, sudoDenied, sudoSaid } from './login/login-errors.js';
import { OutputTail } from './commands/output.js';
import { CUT_OFF, parseGreeting, receiveScript, RESUMED_WRONG, WRONG_CHECKSUM } from './commands/receive-script.js';
import { connectionLost, placeOf } from './ssh-errors.js';
import { Stall } from './stall.js';
import { hostBusy, type Holder } from './commands/lease.js';
import { stopGroup } from './commands/stop-group.js';
import { stopPredecessors } from './commands/succession.js';
import { hostUnwritable } from './commands/unwritable.js';

/** Small, so that progress shows on a slow line too. */
const CHUNK = 256 * 1024;
const HEARTBEAT_MS = 500;
const OUTPUT_KEPT = 16 * 1024;
/** A transfer may take as long as it makes progress: a chunk in this time, by default. */
const STALL_MS = 120_000;

/**
 * Sends a file; what a lost connection has left of it on the host is continued.
 * @throws ProvisionError ARTIFACT_CORRUPT, SSH_*, SUDO_DENIED, HOST_UNWRITABLE, COMMAND_FAILED; the signal's reason
 */
export async function uploadFile(
  host: LoginHost,
  ssh: NodeSSH,
  file: LocalFile,
  remote: RemoteFile,
  options: RunOptions,
  holder?: Holder,
): Promise<void> {
  const send = (): Promise<Transferred> => transfer(host, ssh, { file, remote, holder }, options);
  const first = await send();
  // What an earlier try has left was damaged, as by a power cut. It is gone now, so the whole file is sent.
  judge(host, file, remote, isDamaged(first.ending) ? await send() : first);
}

const isDamaged = (ending: Ending): boolean => ending.kind === 'exit' && ending.code === RESUMED_WRONG;

interface Transferred {
  ending: Ending;
  /** The script ran, so what ended is not something that the host runs instead. */
  started: boolean;
  stderr: string;
}

async function transfer(
  host: LoginHost,
  ssh: NodeSSH,
  { file, remote, holder }: { file: LocalFile; remote: RemoteFile; holder: Holder | undefined },
  { signal, heartbeat, timeoutMs = STALL_MS }: RunOptions,
): Promise<Transferred> {
  signal.throwIfAborted();
  const receiver = await openReceiver(host, ssh, signal);
  const { channel, ended, stderr, greeting } = receiver;
  channel.write(receiveScript(file, remote, stopPredecessors(host, ssh, holder)));
  const closed = new AbortController();
  void ended.then(() => closed.abort());
  const stall = new Stall(timeoutMs);
  const interrupted = AbortSignal.any([signal, stall.signal]);
  const progress = progressOf(file, remote, heartbeat);
  const failure = await failureOf(async () => {
    await untilEither(receiver.greeted, ended, interrupted);
    await send(file, channel, greeting()?.have ?? 0, AbortSignal.any([interrupted, closed.signal]), (sent) => {
      stall.progress();
      progress(sent);
    });
    channel.end();
    await untilEither(ended, ended, interrupted);
  });
  stall.end();
  if (failure !== undefined && !closed.signal.aborted) {
    await stopGroup(host, ssh, ended, () => greeting()?.group);
    channel.close();
    signal.throwIfAborted();
    if (!stall.signal.aborted) throw unreadable(host, file, failure);
    throw connectionLost(host, `sending ${remote.path}: nothing arrived for ${timeoutMs / 1_000} s`);
  }
  const ending = await ended;
  signal.throwIfAborted();
  return { ending, started: greeting() !== undefined, stderr: stderr.text() };
}

async function failureOf(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return errorOf(error);
  }
}

async function openReceiver(host: LoginHost, ssh: NodeSSH, signal: AbortSignal) {
  const { channel, ended } = await openChannel(host, ssh, asRoot(host, 'bash --noprofile --norc -s'), signal);
  const [stdout, stderr] = [new OutputTail(OUTPUT_KEPT), new OutputTail(OUTPUT_KEPT)];
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const greeting = () => parseGreeting(stdout.text());
  const greeted = new Promise<void>((resolve) => {
    channel.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      if (greeting() !== undefined) resolve();
    });
  });
  return { channel, ended, stderr, greeting, greeted };
}

/** @throws the signal's reason */
async function untilEither(one: Promise<unknown>, other: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(errorOf(signal.reason));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void Promise.race([one, other]).then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}

async function send(
  file: LocalFile,
  channel: ClientChannel,
  start: number,
  signal: AbortSignal,
  progress: (sent: number) => void,
): Promise<void> {
  const handle = await open(file.path);
  try {
    // One buffer for the whole file: a new one for each chunk has the garbage collector run for a fifth of a transfer.
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    let sent = start;
    for (;;) {
      const position = start === 0 ? null : sent; // a pipe has no places to read from
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, position);
      signal.throwIfAborted();
      if (bytesRead === 0) return;
      await taken(channel, buffer.subarray(0, bytesRead), signal);
      progress((sent += bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** Resolves when the channel has encrypted all of it. */
const taken = (channel: ClientChannel, bytes: Buffer, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(errorOf(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    channel.write(bytes, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
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

/** Also what ends too early while the connection is there: the file is shorter than the bundle says. */
const CORRUPT = [WRONG_CHECKSUM, RESUMED_WRONG, CUT_OFF];

function judge(host: LoginHost, file: LocalFile, remote: RemoteFile, { ending, started, stderr }: Transferred): void {
  if (ending.kind === 'exit' && ending.code === 0 && started) return;
  if (ending.kind === 'lost') throw connectionLost(host, `sending ${remote.path}`);
  if (ending.kind === 'exit' && CORRUPT.includes(ending.code))
    throw new ProvisionError(
      'ARTIFACT_CORRUPT',
      `checksum mismatch for ${remote.path}: it is not the ${file.sha256} that the bundle gives for ${file.path}`,
      'the file in the bundle is damaged, or was changed while it was sent: build or fetch the bundle again',
      placeOf(host),
    );
  const busy = ending.kind === 'exit' ? hostBusy(host, ending.code, stderr) : undefined;
  if (busy !== undefined) throw busy;
  const said = lastLines(stderr, 20);
  const denied = host.ssh.user === 'root' ? undefined : sudoSaid(ending.kind === 'exit' ? ending.code : 128, stderr);
  if (denied !== undefined) throw sudoDenied(host, denied);
  if (ending.kind === 'exit' && ending.code === 0) throw loginRefused(host, ending.code, stderr);
  const unwritable = hostUnwritable(host, stderr);
  if (unwritable !== undefined) throw unwritable;
  const how = ending.kind === 'exit' ? `exit code ${ending.code}` : `killed by ${ending.signal}`;
  throw new ProvisionError('COMMAND_FAILED', `${how} from writing ${remote.path}`, undefined, placeOf(host), said);
}

const unreadable = (host: LoginHost, file: LocalFile, error: unknown): ProvisionError =>
  new ProvisionError(
    'ARTIFACT_CORRUPT',
    `${file.path} cannot be read: ${error instanceof Object && 'message' in error ? String(error.message) : String(error)}`,
    'build or fetch the bundle again',
    placeOf(host),
  );
