import { randomBytes } from 'node:crypto';
import type { NodeSSH } from 'node-ssh';
import type { RunOptions, RunResult } from '../../../parts/ports.js';
import { ProvisionError } from '../../../contract/errors.js';
import { lastLines } from '../../../domain/secrets/redact.js';
import type { LoginHost } from '../login/login-host.js';
import { asRoot, openChannel, type Ending } from '../channel.js';
import { OutputTail, WholeOutput } from './output.js';
import { splitMarker, titleOf, wrapScript } from './script.js';
import { loginRefused, notStarted, sudoDenied, sudoSaid } from '../login/login-errors.js';
import { connectionLost, placeOf } from '../ssh-errors.js';
import { hostBusy, type Holder } from './lease.js';
import { stopGroup } from './stop-group.js';
import { stopPredecessors } from './succession.js';
import { hostUnwritable } from './unwritable.js';

const DEFAULT_TIMEOUT_MS = 60_000;
/** sudo takes some milliseconds, unless it waits for a resolver. */
const START_TIMEOUT_MS = 25_000;
const STDOUT_LIMIT = 4 * 1024 * 1024;
const STDERR_KEPT = 64 * 1024;
const LINES_SHOWN = 20;

/** @throws ProvisionError SSH_*, SUDO_DENIED, HOST_UNWRITABLE, COMMAND_FAILED; the signal's reason when it aborts */
export async function runCommand(
  host: LoginHost,
  ssh: NodeSSH,
  script: string,
  options: RunOptions,
  holder?: Holder,
): Promise<RunResult> {
  options.signal.throwIfAborted();
  const marker = `leafspan-${randomBytes(8).toString('hex')}`;
  const { channel, ended } = await openChannel(host, ssh, asRoot(host, 'bash --noprofile --norc -s'), options.signal);
  const stdout = new WholeOutput(STDOUT_LIMIT);
  const stderr = new OutputTail(STDERR_KEPT);
  const interruption = interruptionOf(options);
  channel.on('data', (chunk: Buffer) => {
    if (!stdout.add(chunk)) interruption.interrupt('flood');
  });
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const { failFast = false, changes = failFast } = options;
  channel.end(
    wrapScript(script, marker, { failFast, ...(changes ? { predecessors: stopPredecessors(host, ssh, holder) } : {}) }),
  );

  const hasStarted = (): boolean => splitMarker(stdout.text(), marker).group !== undefined;
  const start = setTimeout(() => {
    if (!hasStarted()) interruption.interrupt('silence');
  }, START_TIMEOUT_MS);
  const first = await Promise.race([ended, interruption.happened]);
  clearTimeout(start);
  interruption.dispose();
  if (typeof first === 'string') {
    await stopGroup(host, ssh, ended, () => splitMarker(stdout.text(), marker).group);
    channel.close();
    options.signal.throwIfAborted();
    if (first === 'silence') throw notStarted(host, START_TIMEOUT_MS);
    throw interrupted(host, script, first, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }
  const { group, rest } = splitMarker(stdout.text(), marker);
  return judge(
    host,
    script,
    {
      ending: first,
      started: group !== undefined,
      stdout: group === undefined ? stdout.text() : rest,
      stderr: stderr.text(),
    },
    options,
  );
}

type Reason = 'abort' | 'timeout' | 'flood' | 'silence';

/** Resolves for the first of: the signal, the time-out, too much output. */
function interruptionOf({ signal, timeoutMs = DEFAULT_TIMEOUT_MS }: RunOptions): {
  happened: Promise<Reason>;
  interrupt: (reason: Reason) => void;
  dispose: () => void;
} {
  let interrupt: (reason: Reason) => void = () => undefined;
  const happened = new Promise<Reason>((resolve) => (interrupt = resolve));
  const onAbort = (): void => interrupt('abort');
  const timer = setTimeout(() => interrupt('timeout'), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const dispose = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  return { happened, interrupt: (reason) => interrupt(reason), dispose };
}

function interrupted(host: LoginHost, script: string, reason: Reason, timeoutMs: number): ProvisionError {
  const why =
    reason === 'flood' ? `more than ${STDOUT_LIMIT >> 20} MB of output` : `not finished within ${timeoutMs / 1000} s`;
  return new ProvisionError('COMMAND_FAILED', `${why} from: ${titleOf(script)}`, undefined, placeOf(host));
}

interface Finished {
  ending: Ending;
  /** The marker was seen, so sudo and bash are not to blame. */
  started: boolean;
  stdout: string;
  stderr: string;
}

function judge(host: LoginHost, script: string, finished: Finished, { okCodes = [] }: RunOptions): RunResult {
  const { ending, started, stdout, stderr } = finished;
  if (ending.kind === 'lost') throw connectionLost(host, titleOf(script));
  const code = ending.kind === 'exit' ? ending.code : 128;
  if (!started) {
    const said = host.ssh.user === 'root' ? undefined : sudoSaid(code, stderr);
    if (said !== undefined) throw sudoDenied(host, said);
    if (ending.kind === 'exit') throw loginRefused(host, code, [stdout, stderr].join('\n'));
  }
  if (ending.kind === 'exit' && started && (code === 0 || okCodes.includes(code))) return { code, stdout, stderr };
  const busy = hostBusy(host, code, stderr);
  if (busy !== undefined) throw busy;
  const unwritable = hostUnwritable(host, stderr);
  if (unwritable !== undefined) throw unwritable;
  const how = ending.kind === 'exit' ? `exit code ${code}` : `killed by ${ending.signal}`;
  const output = lastLines(stderr.trim() === '' ? stdout : stderr, LINES_SHOWN);
  throw new ProvisionError(
    'COMMAND_FAILED',
    `${how} from: ${titleOf(script)}`,
    undefined,
    placeOf(host),
    output === '' ? undefined : output,
  );
}
